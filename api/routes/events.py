"""Progress as server-sent events, and the tickets that let EventSource in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from sse_starlette import EventSourceResponse

from api.auth import ALL_STREAMS, TICKET_TTL_S, Caller
from api.dependencies import Credentials, CurrentUser, GenerationId, Parts, Ticket, ticket_or_user
from api.openapi import Responses, failures
from api.owned import owned
from api.progress import streams
from api.progress.streams import Seen, UserStream
from schema.errors import NotFound, RateLimited, ValidationFailed
from schema.models.generations import TicketAnswer

router = APIRouter(tags=["events"])
LastEventHeader = Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)]
LastEventQuery = Annotated[str | None, Query(alias="lastEventId", max_length=200)]

STREAM_EXAMPLE = """\
id: 12
event: snapshot
data: {"type":"snapshot","generationId":"gen_…","status":"processing","total":24,"items":[…]}

id: 13
event: item
data: {"type":"item","generationId":"gen_…","index":5,"status":"completed","thumbnailUrl":"…"}

id: 14
event: progress
data: {"type":"progress","generationId":"gen_…","percentage":25,"completed":6,"failed":0,"total":24}
"""
STREAM: Responses = {
    200: {
        "description": "`snapshot` first; then `started`, `item`, `progress` as they happen; at the end "
        "`completed`, `failed` or `cancelled`. With `Last-Event-ID` nothing is missed or comes twice.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}},
    }
}


async def _watcher_of_one(
    parts: Parts, credentials: Credentials, ticket: Ticket, generation_id: GenerationId
) -> Caller:
    return await ticket_or_user(parts, credentials, ticket, generation_id)


async def _watcher_of_all(parts: Parts, credentials: Credentials, ticket: Ticket) -> Caller:
    return await ticket_or_user(parts, credentials, ticket, ALL_STREAMS)


@router.get(
    "/generations/{generation_id}/events",
    operation_id="followGeneration",
    summary="Progress of one generation",
    response_class=EventSourceResponse,
    responses=failures(NotFound, RateLimited) | STREAM,
)
async def of_generation(
    parts: Parts,
    caller: Annotated[Caller, Depends(_watcher_of_one)],
    generation_id: GenerationId,
    last_event_id: LastEventHeader = None,
    last_event_query: LastEventQuery = None,
) -> EventSourceResponse:
    last_id = _version(last_event_id or last_event_query)
    first = await parts.reader.stored(generation_id, caller.id)
    events = streams.of_generation(parts.hub, first, parts.storage.url, last_id)
    return streams.response(parts.hub, caller.id, events)


@router.get(
    "/events",
    operation_id="followGenerations",
    summary="Progress of all generations of the user",
    response_class=EventSourceResponse,
    responses=failures(RateLimited) | STREAM,
)
async def of_user(
    parts: Parts,
    caller: Annotated[Caller, Depends(_watcher_of_all)],
    last_event_id: LastEventHeader = None,
    last_event_query: LastEventQuery = None,
) -> EventSourceResponse:
    """One connection for everything: ids are `generation:version`, and the stream does not end."""
    seen = _seen(last_event_id or last_event_query)
    stream = UserStream(parts.hub, parts.database, caller.id, parts.storage.url, seen)
    return streams.response(parts.hub, caller.id, stream.events())


@router.post(
    "/generations/{generation_id}/events/ticket",
    operation_id="createGenerationTicket",
    summary="A ticket for one",
    responses=failures(NotFound),
)
async def ticket_for_generation(
    parts: Parts, caller: CurrentUser, generation_id: GenerationId
) -> TicketAnswer:
    await owned(parts, caller, generation_id)
    return TicketAnswer(ticket=parts.tickets.issue(caller, generation_id), expires_in=TICKET_TTL_S)


@router.post(
    "/events/ticket", operation_id="createUserTicket", summary="A ticket for all", responses=failures()
)
async def ticket_for_user(parts: Parts, caller: CurrentUser) -> TicketAnswer:
    return TicketAnswer(ticket=parts.tickets.issue(caller, ALL_STREAMS), expires_in=TICKET_TTL_S)


def _version(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 - fits any integer column
        raise _bad_id()
    return int(text)


def _seen(text: str | None) -> Seen | None:
    if not text:
        return None
    generation_id, colon, version = text.partition(":")
    number = _version(version)
    if not colon or not generation_id.isascii() or not generation_id.isprintable() or number is None:
        raise _bad_id()
    return Seen(generation_id, number)


def _bad_id() -> ValidationFailed:
    details = [{"path": "Last-Event-ID", "in": "header", "message": "is not an id of this stream"}]
    return ValidationFailed("Last-Event-ID is not an id of this stream. Leave it out.", details=details)
