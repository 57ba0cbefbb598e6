"""Who is asking: bearer tokens of the issuer, and our own short tickets that open one stream or download.

The algorithms are fixed by the kind of key, never by the token. A ticket is signed with a key of its own, so
it is no bearer token and no bearer token is a ticket.
"""

import hmac
import time
from dataclasses import dataclass
from typing import Any, Final

import jwt

from api.jwks import KeySet
from schema.errors import Unauthenticated
from schema.kinds import Role
from schema.settings import Settings

LEEWAY_S: Final = 30
TICKET_TTL_S: Final = 60
ASYMMETRIC: Final = {"RSA": "RS256", "EC": "ES256"}
MAX_USER_ID: Final = 255
ALL_STREAMS: Final = "*"
"""What a ticket for /events opens; a generation's id opens that one's stream."""

_TICKETS = "posegen tickets"


@dataclass(frozen=True)
class Caller:
    id: str
    role: Role

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN


class Tokens:
    def __init__(self, settings: Settings) -> None:
        self._secret = settings.jwt_secret.get_secret_value()
        self._keys = KeySet(settings.jwt_jwks_url) if settings.jwt_jwks_url else None
        self._audience, self._issuer = settings.jwt_audience, settings.jwt_issuer

    async def caller(self, token: str) -> Caller:
        try:
            key, algorithm = await self._key(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp"], "verify_aud": self._audience is not None, "verify_sub": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("The token has expired. Sign in again.") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated("The token is not valid. Sign in again.") from error
        return Caller(_user_id(claims), Role.ADMIN if claims.get("role") == Role.ADMIN else Role.USER)

    async def _key(self, token: str) -> tuple[Any, str]:
        """With an issuer's keys configured, only they count: our own secret then signs no users in."""
        if self._keys is None:
            return self._secret, "HS256"
        found = await self._keys.key(str(jwt.get_unverified_header(token).get("kid", "")))
        algorithm = ASYMMETRIC.get(found.key_type or "")
        if algorithm is None:
            raise jwt.InvalidKeyError
        return found.key, algorithm


class Tickets:
    """Good for one purpose of one user for a minute; EventSource and links cannot send headers."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.jwt_secret.get_secret_value().encode()
        self._key = hmac.digest(secret, _TICKETS.encode(), "sha256")

    def issue(self, caller: Caller, purpose: str) -> str:
        claims = {
            "sub": caller.id,
            "role": caller.role,
            "purpose": purpose,
            "exp": int(time.time()) + TICKET_TTL_S,
        }
        return jwt.encode(claims, self._key, "HS256")

    def caller(self, ticket: str, purpose: str) -> Caller:
        try:
            claims = jwt.decode(ticket, self._key, ["HS256"], options={"require": ["exp", "sub"]})
        except jwt.PyJWTError as error:
            raise Unauthenticated("The ticket is not valid any more. Ask for a new one.") from error
        if claims.get("purpose") != purpose:
            raise Unauthenticated("The ticket is for something else.")
        return Caller(_user_id(claims), Role(claims["role"]))


def _user_id(claims: dict[str, Any]) -> str:
    user_id = claims.get("sub", claims.get("userId"))
    text = str(user_id) if isinstance(user_id, str | int) and not isinstance(user_id, bool) else ""
    if not text or len(text) > MAX_USER_ID or not text.isprintable() or text != text.strip():
        raise Unauthenticated("The token names no user.")
    return text
