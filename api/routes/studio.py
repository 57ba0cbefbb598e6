"""The Studio page, the public page of shared pictures, and their parts: files of `studio/`, as they are.

A page may run its own modules and nothing else, speak to this API only, and show pictures of our storage.
A changed file is seen at the next load: browsers ask each time and are mostly told that nothing changed.
"""

import asyncio
import gzip
import re
from datetime import timedelta
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Header
from starlette.responses import Response

from api.dependencies import StorageDep, Urls
from schema.errors import NotFound
from schema.models.base import UrlOf
from schema.tables.columns import now

router = APIRouter(include_in_schema=False)
IfNoneMatch = Annotated[str | None, Header()]
AcceptEncoding = Annotated[str, Header()]

HERE: Final = Path(__file__).resolve().parents[2] / "studio"
"""Beside our packages, in a checkout as in an installed wheel."""
PART: Final = re.compile(r"(?:[a-z]+/){0,2}[a-z]+\.(css|js|svg)")
"""Leaves no way to say a folder or a file that is not ours."""
MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {storage}; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
ANY_PICTURE: Final = "any.png"


@router.api_route("/", methods=["GET", "HEAD"])
async def page(
    url: Urls, if_none_match: IfNoneMatch = None, accept_encoding: AcceptEncoding = ""
) -> Response:
    return await _page("index.html", url, if_none_match, accept_encoding)


@router.api_route("/shared/{token}", methods=["GET", "HEAD"])
async def shared_page(
    storage: StorageDep, if_none_match: IfNoneMatch = None, accept_encoding: AcceptEncoding = ""
) -> Response:
    """The same for every link: the page asks itself whether its link works."""
    ending = partial(storage.url, until=now() + timedelta(hours=1))
    answer = await _page("shared.html", ending, if_none_match, accept_encoding)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@router.api_route("/studio/{name:path}", methods=["GET", "HEAD"])
async def part(
    name: str, if_none_match: IfNoneMatch = None, accept_encoding: AcceptEncoding = ""
) -> Response:
    if not PART.fullmatch(name):
        raise NotFound("There is no such file.")
    answer = await _file(name, if_none_match, accept_encoding)
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer


async def _page(name: str, url: UrlOf, if_none_match: str | None, accept_encoding: str) -> Response:
    answer = await _file(name, if_none_match, accept_encoding)
    answer.headers["Content-Security-Policy"] = POLICY.format(storage=_origin_of_pictures(url))
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return answer


def _origin_of_pictures(url: UrlOf) -> str:
    """Asked of the storage: a bucket's host may differ from its endpoint's, and our own from the page's."""
    parts = urlsplit(url(ANY_PICTURE))
    return f"{parts.scheme}://{parts.netloc}"


async def _file(name: str, if_none_match: str | None, accept_encoding: str) -> Response:
    try:
        body = await asyncio.to_thread((HERE / name).read_bytes)
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": f"W/{tag}", "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if if_none_match and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        body = await asyncio.to_thread(_compressed, body)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)


@lru_cache(maxsize=256)
def _compressed(body: bytes) -> bytes:
    """Text of a few kilobytes: a third is left of it."""
    return gzip.compress(body, mtime=0)
