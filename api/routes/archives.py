"""All pictures of a generation in one download."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import TICKET_TTL_S, Caller
from api.dependencies import Credentials, CurrentUser, GenerationId, Parts, Ticket, ticket_or_user
from api.openapi import Responses, failures
from api.owned import owned
from api.zips.response import ZipResponse
from api.zips.wish import Wish
from schema.errors import Conflict, NotFound, RateLimited
from schema.models.generations import TicketAnswer

router = APIRouter(prefix="/generations/{generation_id}/export-zip", tags=["results"])
Formats = Annotated[
    str | None,
    Query(
        max_length=500,
        description="Names or aliases of GET /formats, separated by commas. Without it those that were "
        "ordered, and `original`. What is not there yet is made on the way.",
        examples=["instagram_story,original"],
    ),
]
Items = Annotated[
    str | None,
    Query(max_length=2000, description="Indexes and ranges of them; without it all.", examples=["0-9,12"]),
]
ZIP: Responses = {
    200: {
        "description": "The ZIP while it is built. `Content-Length` is there when every file already is. "
        "`manifest.json` in it lists the files with seed, prompt, model and SHA-256, and under `missing` "
        "what is not there and why.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _purpose(generation_id: str) -> str:
    return f"zip of {generation_id}"


async def _downloader(
    parts: Parts, credentials: Credentials, ticket: Ticket, generation_id: GenerationId
) -> Caller:
    return await ticket_or_user(parts, credentials, ticket, _purpose(generation_id))


@router.get(
    "",
    status_code=200,
    operation_id="downloadZip",
    summary="All pictures as a ZIP",
    response_class=ZipResponse,
    responses=failures(NotFound, Conflict, RateLimited) | ZIP,
)
async def download(
    parts: Parts,
    caller: Annotated[Caller, Depends(_downloader)],
    generation_id: GenerationId,
    formats: Formats = None,
    items: Items = None,
) -> ZipResponse:
    """Of a running generation: what is there so far."""
    return await parts.zips.open(caller.id, generation_id, Wish.of(formats, items))


@router.post(
    "/ticket", operation_id="createZipTicket", summary="A ticket for a ZIP", responses=failures(NotFound)
)
async def ticket(parts: Parts, caller: CurrentUser, generation_id: GenerationId) -> TicketAnswer:
    """For a link in a page, which cannot send headers: `…/export-zip?ticket=…`."""
    await owned(parts, caller, generation_id)
    issued = parts.tickets.issue(caller, _purpose(generation_id))
    return TicketAnswer(ticket=issued, expires_in=TICKET_TTL_S)
