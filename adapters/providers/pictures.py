"""The finished picture's bytes, from wherever the provider says, or out of a data URI.

A CDN never sees our key. A broken download is repeated, since it is free and the picture is paid for.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from adapters.exchange import exchange
from adapters.http import Reply, ReplyTooLargeError, read_within
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Sleep
from adapters.providers.refusal import passing
from schema.errors import SENTENCES, BadImage, ItemError, ProviderUnavailable

MAX_PICTURE_BYTES: Final = 60 * 2**20
TRIES: Final = 6
FIRST_PAUSE_S: Final = 0.2


@dataclass(frozen=True)
class PictureLink:
    url: str
    content_type: str
    seed: int | None


class Pictures:
    def __init__(
        self, client: httpx.AsyncClient, hosts: Hosts, sleep: Sleep, headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers` only where pictures lie on the provider's own server."""
        self._client = client
        self._hosts = hosts
        self._sleep = sleep
        self._headers = {"Accept": "image/*", "Accept-Encoding": "identity", **(headers or {})}

    async def fetch(self, link: PictureLink) -> tuple[bytes, str]:
        """Bytes and content type; whether they are a picture is for the decoder to say."""
        if link.url.startswith("data:"):
            return _from_data_uri(link.url)
        reply = await self._download(self._hosts.checked(link.url))
        return reply.content, reply.headers.get("content-type", link.content_type)

    async def _download(self, target: httpx.URL) -> Reply:
        lost: ItemError | None = None
        for number in range(TRIES):
            if number:
                told_s = lost.retry_after_s if lost else None
                await self._sleep(max(FIRST_PAUSE_S * 2 ** (number - 1), told_s or 0))
            try:
                reply = await exchange(self._get(target))
            except httpx.RequestError as error:
                lost = _unavailable({"error": type(error).__name__})
                continue
            if reply.status == httpx.codes.OK:
                return reply
            lost = _refused(reply)
        assert lost is not None
        raise lost

    async def _get(self, target: httpx.URL) -> Reply:
        async with self._client.stream("GET", target, headers=self._headers) as response:
            try:
                content = await read_within(response, MAX_PICTURE_BYTES)
            except ReplyTooLargeError as error:
                raise _bad({"reason": f"more than {MAX_PICTURE_BYTES} bytes"}) from error
            return Reply(response.status_code, response.headers, content)


def _from_data_uri(uri: str) -> tuple[bytes, str]:
    head, _, payload = uri.removeprefix("data:").partition(",")
    content_type, *parameters = head.split(";")
    if "base64" not in parameters:
        raise _bad({"reason": "a data URI without base64"})
    try:
        return base64.b64decode(payload, validate=True), content_type
    except binascii.Error as error:
        raise _bad({"reason": "a data URI with broken base64"}) from error


def _refused(reply: Reply) -> ItemError:
    """A picture that is gone or moved may be so after every further payment too: BadImage allows just one."""
    details = {"status": reply.status}
    if passing(reply):
        return _unavailable(details, reply.retry_after_s)
    return _bad(details)


def _unavailable(details: dict[str, Any], retry_after_s: float | None = None) -> ProviderUnavailable:
    message = SENTENCES[ProviderUnavailable.code]
    return ProviderUnavailable(message, details={"step": "download"} | details, retry_after_s=retry_after_s)


def _bad(details: dict[str, Any]) -> BadImage:
    return BadImage(SENTENCES[BadImage.code], details={"step": "download"} | details)
