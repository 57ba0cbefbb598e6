"""`posegen audit`: do ledger, items and workflows agree? Exits 5 with the rows that do not."""

import asyncio
from dataclasses import asdict

import typer

from cli.context import AsJson, DataDir, application, printed, settings
from cli.database import database
from cli.exit import Exit
from schema.queries import audit as books
from schema.settings import Settings
from workflows import standing
from workflows.client import connect

app = application()


@app.command()
def audit(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Check that ledger, items and workflows agree."""
    findings = asyncio.run(check(settings(data)))
    lines = [f"{finding.rule}: {finding.subject}: {finding.details}" for finding in findings]
    printed(
        {"findings": [asdict(finding) for finding in findings]},
        "\n".join(lines) or "All books agree.",
        as_json=as_json,
    )
    if findings:
        raise typer.Exit(Exit.AUDIT_FOUND)


async def check(of: Settings) -> list[books.Finding]:
    async with database(of) as opened:
        async with opened.snapshot() as session:
            findings = await books.run(session)
        return [*findings, *await standing.findings(opened, await connect(of, lazy=False))]
