"""What a route may ask for, by type."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.storage import Storage
from api.allowance import Allowance
from api.auth import Caller
from api.services import Services
from schema.errors import Forbidden, Unauthenticated
from schema.kinds import Role
from schema.models.base import UrlOf
from telemetry import context

BEARER = HTTPBearer(
    auto_error=False, scheme_name="bearer", bearerFormat="JWT", description="A token of the host platform."
)
TICKET = APIKeyQuery(
    name="ticket",
    auto_error=False,
    scheme_name="ticket",
    description="For EventSource and links, which cannot send headers: of `POST …/ticket`, good for 60 s.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
Ticket = Annotated[str | None, Depends(TICKET)]


def services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


Parts = Annotated[Services, Depends(services)]


async def placed(request: Request) -> None:
    """What the address speaks of, for the log."""
    context.bind(context.places(request.path_params))


async def current_user(parts: Parts, credentials: Credentials) -> Caller:
    if credentials is None:
        raise Unauthenticated("Send a token: Authorization: Bearer …")
    return await _met(parts, await parts.tokens.caller(credentials.credentials))


async def _met(parts: Services, caller: Caller) -> Caller:
    context.bind({"user": caller.id})
    await parts.users.meet(caller)
    return caller


async def ticket_or_user(
    parts: Services, credentials: Credentials, ticket: str | None, purpose: str
) -> Caller:
    if ticket is None:
        return await current_user(parts, credentials)
    return await _met(parts, parts.tickets.caller(ticket, purpose))


async def session(request: Request, parts: Parts) -> AsyncIterator[AsyncSession]:
    """A GET shows one moment. What writes is committed before the answer is sent, and then found there."""
    opening = parts.database.snapshot if request.method == "GET" else parts.database.transaction
    async with opening() as opened:
        yield opened


def storage(parts: Parts) -> Storage:
    return parts.storage


def url_of(parts: Parts) -> UrlOf:
    return parts.storage.url


CurrentUser = Annotated[Caller, Depends(current_user)]


async def admin(caller: CurrentUser) -> Caller:
    if not caller.is_admin:
        raise Forbidden("Only administrators may do this.")
    return caller


Admin = Annotated[Caller, Security(admin, scopes=[Role.ADMIN])]
"""Said in the OpenAPI document too, as the role that the route's token needs."""


async def allowance(request: Request, parts: Parts, caller: CurrentUser) -> Allowance:
    per_minute = parts.settings.rate_limit_items_per_minute
    return Allowance(parts.database, caller.id, per_minute, request.state.headers)


AllowanceDep = Annotated[Allowance, Depends(allowance)]
DbSession = Annotated[AsyncSession, Depends(session, scope="function")]
StorageDep = Annotated[Storage, Depends(storage)]
Urls = Annotated[UrlOf, Depends(url_of)]

Page = Annotated[int, Query(ge=1, le=10_000)]
Cursor = Annotated[str | None, Query(max_length=500, description="`nextCursor` of the page before.")]
GenerationId = Annotated[str, Path(max_length=64, examples=["gen_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
