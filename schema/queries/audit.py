"""What must always be true of money and fates, asked of the whole database in one consistent view.

Set by set, so a million rows are read a few times and never one by one. Whether what is open still has its
workflow only Temporal knows: that part is in workflows.standing.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries.audit_rules import RULES

MOST_FINDINGS = 1000
"""For each rule: enough to see what is wrong."""
CHEAP = {
    "balance": "the balance is the sum of the entries",
    "price": "a settled generation keeps the price of what it delivered",
}
"""What a service may ask itself all day: two passes, and who breaks one of these has lost or made money."""


@dataclass(frozen=True)
class Finding:
    rule: str
    subject: str
    """The id of the row that breaks it."""
    details: str


async def run(session: AsyncSession) -> list[Finding]:
    """In a snapshot. It may take minutes and blocks nobody."""
    connection = await session.connection()
    await connection.execute(text("SET LOCAL statement_timeout = 0"))
    findings: list[Finding] = []
    for rule, query in RULES.items():
        rows = await connection.execute(text(f"{query} LIMIT {MOST_FINDINGS}"))
        findings += [Finding(rule, subject, details) for subject, details in rows]
    return findings


async def imbalances(session: AsyncSession) -> dict[str, float]:
    """How many rows break each of the cheap rules."""
    connection = await session.connection()
    found: dict[str, float] = {}
    for name, rule in CHEAP.items():
        rows = await connection.execute(text(f"{RULES[rule]} LIMIT {MOST_FINDINGS}"))
        found[name] = len(rows.all())
    return found
