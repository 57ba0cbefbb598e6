"""`posegen doctor`: what is missing or unreachable, and how to fix it. Exits 1 when something is broken.

The order of the checks is that of causes: the first broken line is the first to repair.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from functools import partial

import typer
from pydantic import ValidationError

from cli.context import AsJson, DataDir, application, printed, settings
from cli.doctor import entrance, pictures
from cli.doctor.books import Books
from cli.doctor.engine import Engine
from cli.doctor.examination import Check, Finding, State, examine
from cli.doctor.lately import Lately
from cli.doctor.runs import Runs
from cli.exit import Exit
from schema.errors import PoseError
from schema.settings import Settings

app = application()


@app.command()
def doctor(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Say what is missing or unreachable, and how to fix it."""
    try:
        findings = asyncio.run(look_over(settings(data)))
    except PoseError as error:
        findings = [Finding("settings", State.BROKEN, error.message)]
    except ValidationError as error:
        findings = [_unusable(error)]
    broken = [finding for finding in findings if finding.state is State.BROKEN]
    printed(
        {"ok": not broken, "findings": [asdict(finding) for finding in findings]},
        "\n".join([*(finding.line for finding in findings), _verdict(findings, broken)]),
        as_json=as_json,
    )
    raise typer.Exit(Exit.FAILURE if broken else Exit.OK)


async def look_over(of: Settings) -> list[Finding]:
    books, engine = Books(of), Engine(of)
    try:
        return await examine(_checks(of, books, engine))
    finally:
        await books.close()


def _checks(of: Settings, books: Books, engine: Engine) -> Sequence[Check]:
    runs, recent = Runs(books, engine), Lately(of, books)

    def about(look: Callable[[Settings], Awaitable[str]]) -> Callable[[], Awaitable[str]]:
        return partial(look, of)

    return (
        Check("configuration", about(pictures.configured)),
        Check("secret", about(entrance.is_guarded)),
        Check("issuer", about(entrance.issuer_answers)),
        Check("database", books.answers),
        Check("clock", books.is_on_time, ("database",)),
        Check("schema", books.is_migrated, ("database",)),
        Check("library", books.has_poses, ("schema",)),
        Check("temporal", engine.answers),
        Check("namespace", engine.has_namespace, ("temporal",)),
        Check("attributes", engine.has_attributes, ("namespace",)),
        Check("payloads", engine.can_read, ("namespace",)),
        Check("runs", runs.are_the_same, ("schema", "namespace")),
        Check("tasks", runs.can_go_on, ("namespace",)),
        Check("disk", about(pictures.has_room), ("configuration",)),
        Check("storage", about(pictures.storage_keeps), ("configuration",)),
        Check("provider", about(pictures.provider_answers), ("configuration",)),
        Check("calls", about(pictures.calls_at_once), ("configuration",)),
        Check("pictures", recent.pictures_arrive, ("configuration", "schema")),
        Check("waits", runs.come_on, ("attributes",)),
        Check("workers", engine.is_worked_on, ("configuration", "namespace")),
        Check("api", about(entrance.api_answers), ("configuration", "secret")),
        Check("metrics", about(entrance.numbers_are_guarded), ("api",)),
        Check("receivers", recent.secrets_open, ("secret", "schema")),
    )


def _unusable(error: ValidationError) -> Finding:
    """Without the values: they may be secrets."""
    problems = error.errors(include_input=False, include_url=False)
    said = "; ".join(f"{'.'.join(map(str, each['loc'])).upper()} {each['msg']}".strip() for each in problems)
    return Finding("settings", State.BROKEN, said, "Correct it in the environment or .env.")


def _verdict(findings: Sequence[Finding], broken: Sequence[Finding]) -> str:
    warnings = sum(finding.state is State.WARNING for finding in findings)
    if broken:
        return f"{len(broken)} broken, {warnings} warnings. Begin with: {broken[0].check}."
    return f"Nothing is broken, {warnings} warnings."
