"""`posegen credits grant`: credits for a user, with an entry in the ledger."""

import asyncio
from typing import Annotated

import typer
from ulid import ULID

from cli.context import AsJson, DataDir, application, printed, settings
from cli.database import database
from schema.kinds import Role
from schema.queries import ledger, users
from schema.settings import Settings
from schema.tables import User

app = application()


@app.callback()
def _credits() -> None:
    """Credits of users."""


@app.command()
def grant(
    user: Annotated[str, typer.Argument(help="The user's id; made at first sight.")],
    amount: Annotated[int, typer.Argument(min=1, max=10_000_000, help="Credits.")],
    *,
    key: Annotated[str | None, typer.Option(help="Repeated with the same key, it counts once.")] = None,
    reason: Annotated[str, typer.Option(help="What the user's ledger says.")] = "Granted by the operator",
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Grant credits to a user."""
    balance = asyncio.run(give(settings(data), user, amount, key or f"grant:{ULID()}", reason))
    printed({"userId": user, "balance": balance}, f"{user} now has {balance} credits", as_json=as_json)


async def give(of: Settings, user: str, amount: int, key: str, reason: str) -> int:
    """The balance afterwards."""
    async with database(of) as opened, opened.transaction() as session:
        known = await session.get(User, user)
        role = Role(known.role) if known else Role.USER
        await users.ensure(session, user, role, of.signup_credits)
        await ledger.grant(session, user, amount, key, reason)
        return (await users.read(session, user)).balance_credits
