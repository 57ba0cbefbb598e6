"""`posegen token`: an API token for any user, signed with the service's own secret."""

import re
import time
from typing import Annotated

import jwt
import typer

from cli.context import AsJson, DataDir, application, printed, settings
from schema.kinds import Role
from schema.settings import Settings

app = application()

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def mint(of: Settings, user: str, role: Role = Role.USER, ttl_s: int = 3600) -> str:
    now = int(time.time())
    claims = {"sub": user, "role": role.value, "iat": now, "exp": now + ttl_s}
    if of.jwt_audience:
        claims["aud"] = of.jwt_audience
    if of.jwt_issuer:
        claims["iss"] = of.jwt_issuer
    return jwt.encode(claims, of.jwt_secret.get_secret_value(), algorithm="HS256")


def seconds(ttl: str) -> int:
    found = re.fullmatch(r"(\d{1,6})([smhd])", ttl)
    if not found:
        raise typer.BadParameter("write it like 30m, 1h or 7d", param_hint="--ttl")
    return int(found[1]) * UNITS_S[found[2]]


@app.command()
def token(
    user: Annotated[str, typer.Option(help="The user's id, the token's `sub`.")],
    *,
    admin: Annotated[bool, typer.Option("--admin", help="Give it the admin role.")] = False,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 30m, 1h, 7d.")] = "1h",
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print an API token for a user."""
    ttl_s = seconds(ttl)
    made = mint(settings(data), user, Role.ADMIN if admin else Role.USER, ttl_s)
    printed({"token": made, "expiresInSeconds": ttl_s}, made, as_json=as_json)
