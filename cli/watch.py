"""`posegen watch`: follow a generation that somebody started."""

import asyncio
from typing import Annotated

import typer

from cli.context import AsJson, DataDir, application, settings
from cli.database import database
from cli.exit import Exit
from cli.follow import show
from cli.http import Api
from schema.errors import NotFound
from schema.settings import Settings
from schema.tables import Generation

app = application()


@app.command()
def watch(
    generation: Annotated[str, typer.Argument(help="The generation's id, gen_…")],
    data: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Follow a generation until it ends."""
    raise typer.Exit(asyncio.run(_watch(settings(data), generation, as_json=as_json)))


async def _watch(of: Settings, generation_id: str, *, as_json: bool) -> Exit:
    async with Api(of, await _owner(of, generation_id)) as api:
        return await show(api, generation_id, as_json=as_json)


async def _owner(of: Settings, generation_id: str) -> str:
    async with database(of) as opened, opened.transaction() as session:
        generation = await session.get(Generation, generation_id)
    if generation is None:
        raise NotFound(f"There is no generation {generation_id}.")
    return generation.user_id
