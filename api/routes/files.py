"""Stored pictures of the local storage. The signature in the URL is the permission; S3 serves its own."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse

from adapters.storage import CACHE_CONTROL, BadKey, ObjectMissing
from adapters.storage.local import LocalStorage
from api.dependencies import Parts
from api.openapi import Responses, failures
from schema import keys
from schema.errors import Forbidden, NotFound, StorageUnavailable, Unavailable

router = APIRouter(tags=["results"])
HEADERS = {
    "Cache-Control": CACHE_CONTROL,
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PICTURE: Responses = {
    200: {
        "description": "The picture.",
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
DownloadName = Annotated[str | None, Query(description="Download under this name; part of the signature.")]


@router.head("/files/{key:path}", include_in_schema=False)
@router.get(
    "/files/{key:path}",
    operation_id="getFile",
    summary="A picture by its signed URL",
    response_class=FileResponse,
    responses=failures(Forbidden, NotFound, public=True) | PICTURE,
)
async def file(request: Request, parts: Parts, key: str, dl: DownloadName = None) -> FileResponse:
    storage = parts.storage
    if not isinstance(storage, LocalStorage):
        raise NotFound("There is no such file here.")
    storage.signer.verify(key, request.query_params)
    try:
        await parts.pictures.draw_if_missing(key)
        path = storage.path(key)
    except (BadKey, ObjectMissing) as error:
        raise NotFound("There is no such file.") from error
    except StorageUnavailable as error:
        raise Unavailable("The file storage is away. Try again.") from error
    return FileResponse(path, media_type=keys.content_type(key), filename=dl, headers=HEADERS)
