"""The demo user of `posegen up`: an admin with credits to try things with."""

from cli.credits import give
from cli.token import mint
from schema.kinds import Role
from schema.settings import Settings

USER = "demo"
CREDITS = 10_000
TOKEN_TTL_S = 30 * 86400


async def prepare(settings: Settings) -> str:
    """A token of the demo user. The credits are granted once, however often the stack is started."""
    await give(settings, USER, CREDITS, f"demo:{USER}", "Demo credits")
    return mint(settings, USER, Role.ADMIN, TOKEN_TTL_S)
