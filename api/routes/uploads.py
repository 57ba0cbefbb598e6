"""Pictures that users hand in: checked, encoded anew, kept until deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from adapters.intake import MAX_BYTES
from api.dependencies import CurrentUser, Cursor, DbSession, Parts, Urls
from api.openapi import failures
from schema import cursors
from schema.errors import (
    Conflict,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    RequestTimeout,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from schema.kinds import UploadPurpose
from schema.models.uploads import UploadAnswer, UploadsAnswer, UploadView
from schema.queries import uploads

BODY_LIMIT_BYTES: Final = MAX_BYTES + 16 * 1024
"""The picture and what multipart puts around it."""
MULTIPART: Final = "multipart/form-data"
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "One still PNG, JPEG or WebP of up to 15 MiB and 40 megapixels.",
                        },
                        "purpose": {
                            "type": "string",
                            "enum": [purpose.value for purpose in UploadPurpose],
                            "default": UploadPurpose.AVATAR.value,
                        },
                    },
                },
                "encoding": {"file": {"contentType": "image/png, image/jpeg, image/webp"}},
            }
        },
    }
}

router = APIRouter(prefix="/uploads", tags=["uploads"])
UploadId = Annotated[str, Path(max_length=64, examples=["file_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
Limit = Annotated[int, Query(ge=1, le=100)]


class Handed:
    """What came with the request. Nothing of the body is read before the caller is known."""

    def __init__(self, request: Request, parts: Parts, caller: CurrentUser) -> None:
        self._request = request
        self._slots = parts.upload_slots
        self._user_id = caller.id

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[UploadFile, UploadPurpose]]:
        """On disk, if it is large: it comes as slowly as its sender likes."""
        if not self._request.headers.get("content-type", "").lower().startswith(MULTIPART):
            raise UnsupportedMediaType(f"Send the picture as {MULTIPART}, in the field file.")
        with self._slots.taken(self._user_id):
            form = await self._received()
            try:
                yield _file(form.get("file")), _purpose(form.get("purpose"))
            finally:
                await form.close()

    async def _received(self) -> FormData:
        try:
            return await self._request.form(max_files=1, max_fields=1, max_part_size=1024)
        except HTTPException as error:
            if error.status_code == PayloadTooLarge.status:
                raise PayloadTooLarge(f"The picture is larger than {MAX_BYTES // 2**20} MiB.") from error
            if error.status_code == RequestTimeout.status:
                raise
            raise _fault("file", "must be one picture, with purpose as the only other field") from error
        except ClientDisconnect as error:
            raise _fault("file", "broke off on its way") from error  # nobody hears it, and nothing is wrong
        except OSError as error:
            raise Unavailable("There is no room for the picture just now. Try again in a moment.") from error


@router.post(
    "",
    status_code=201,
    operation_id="createUpload",
    summary="Hand in a picture",
    responses=failures(Conflict, PayloadTooLarge, UnsupportedMediaType, RateLimited)
    | {200: {"model": UploadAnswer, "description": "The same bytes were handed in before."}},
    openapi_extra=BODY,
)
async def create(
    parts: Parts, caller: CurrentUser, url: Urls, handed: Annotated[Handed, Depends()], response: Response
) -> UploadAnswer:
    """It is turned upright, made no longer than 1024 pixels (backgrounds 2048), and loses all metadata."""
    async with handed.opened() as (file, purpose):
        kept = await parts.intake.read_and_keep(caller.id, purpose, file.read)
    if not kept.is_new:
        response.status_code = 200
    return UploadAnswer(upload=UploadView.of(kept.upload, url))


@router.get("", operation_id="listUploads", summary="Uploads, newest first", responses=failures())
async def listed(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    purpose: UploadPurpose | None = None,
    cursor: Cursor = None,
    limit: Limit = 24,
) -> UploadsAnswer:
    after = cursors.place(cursor)
    rows = await uploads.page(session, caller.id, purpose, after=after, limit=limit + 1)
    page = rows[:limit]
    more = cursors.encode(page[-1].created_at.isoformat(), page[-1].id) if len(rows) > limit else None
    return UploadsAnswer(uploads=[UploadView.of(row, url) for row in page], next_cursor=more)


@router.get("/{upload_id}", operation_id="getUpload", summary="One upload", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, url: Urls, upload_id: UploadId) -> UploadAnswer:
    return UploadAnswer(upload=UploadView.of(await uploads.owned(session, upload_id, caller.id), url))


@router.delete(
    "/{upload_id}",
    status_code=204,
    operation_id="deleteUpload",
    summary="Delete an upload",
    responses=failures(NotFound, Conflict),
)
async def delete(parts: Parts, caller: CurrentUser, upload_id: UploadId) -> None:
    """Refused while an avatar, a project, a request or a running generation uses it."""
    await parts.intake.delete(upload_id, caller.id)


def _file(given: UploadFile | str | None) -> UploadFile:
    if not isinstance(given, UploadFile):
        raise _fault("file", "is missing, or not sent as a file")
    return given


def _purpose(given: UploadFile | str | None) -> UploadPurpose:
    try:
        return UploadPurpose.AVATAR if given is None else UploadPurpose(str(given))
    except ValueError as error:
        raise _fault("purpose", f"must be {' or '.join(UploadPurpose)}") from error


def _fault(field: str, message: str) -> ValidationFailed:
    details = [{"path": field, "in": "body", "message": message}]
    return ValidationFailed(f"{field}: {message}", details=details)
