"""`posegen reseal`: after JWT_SECRET was changed, receivers' secrets are sealed with the new one.

They stay the same, so no receiver notices. It may be repeated; what the old one does not open stays as it is.
"""

import asyncio
from typing import Annotated

import typer

from adapters.webhooks.vault import SecretUnreadable, Vault
from cli.context import AsJson, DataDir, application, printed, settings
from cli.database import database
from cli.exit import Exit
from schema.queries.webhooks import secrets
from schema.queries.webhooks.secrets import Resealed
from schema.settings import Settings

app = application()


@app.command()
def reseal(
    old: Annotated[
        str, typer.Option(envvar="OLD_JWT_SECRET", prompt=True, hide_input=True, help="What JWT_SECRET was.")
    ],
    data: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Seal receivers' secrets with today's JWT_SECRET, now that it was changed."""
    done = asyncio.run(seal_again(settings(data), old))
    printed(
        done._asdict(),
        f"{done.resealed} webhook secrets sealed again, {done.current} were so already, "
        f"{done.unreadable} open with neither secret.",
        as_json=as_json,
    )
    if done.unreadable:
        raise typer.Exit(Exit.FAILURE)


async def seal_again(of: Settings, old: str) -> Resealed:
    before, today = Vault(old), Vault(of.jwt_secret.get_secret_value())

    def again(sealed: str) -> str | None:
        try:
            return today.seal(before.open(sealed)).sealed
        except SecretUnreadable:
            return None

    async with database(of) as opened, opened.transaction() as session:
        return await secrets.reseal(session, today.opens, again)
