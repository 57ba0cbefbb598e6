"""What a new stack needs before anybody is served: the schema, the pose library, a demo user with credits."""

import asyncio
import os

from cli import demo, seed
from cli.up.stack import Stack
from schema import migrate
from schema.settings import Settings


async def fill(stack: Stack) -> str:
    """A token of the demo user. Done at each start: all of it can be repeated."""
    os.environ.update(stack.environment())  # what the children get
    settings = Settings()
    await asyncio.to_thread(migrate.upgrade, settings.database_url.get_secret_value())
    await seed.run(settings)
    return await demo.prepare(settings)
