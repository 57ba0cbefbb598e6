"""What a question asks of the database, and by which plan it is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from tests.lists.questions import Ask
from tests.statements import sent


@dataclass(frozen=True)
class Statement:
    session: AsyncSession
    sql: str
    parameters: Any

    @property
    def text(self) -> str:
        return " ".join(self.sql.split())

    async def plan(self, options: str) -> list[Any]:
        """Its lines; one, already read, with FORMAT JSON."""
        connection = await self.session.connection()
        told = await connection.exec_driver_sql(f"EXPLAIN ({options}) {self.sql}", self.parameters)
        return [line for (line,) in told]


async def sent_by(session: AsyncSession, ask: Ask) -> list[Statement]:
    connection = (await session.connection()).sync_connection
    assert connection is not None
    with sent(connection) as statements:
        await ask(session)
    return [Statement(session, *each) for each in statements if not each.sql.startswith("SET")]


def read_whole(plan: Mapping[str, Any]) -> Iterator[str]:
    """The tables to whose rows no condition on an index leads."""
    if "Relation Name" in plan and not {"Index Cond", "Recheck Cond"} & plan.keys():
        yield f"{plan['Node Type']} on {plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from read_whole(part)
