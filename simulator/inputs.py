"""Pictures that a request names: a data URI or an http(s) address, at most a few megabytes, else refused."""

import base64
import binascii
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import httpx

from simulator.failures import Failure

MAX_BYTES = 20 * 1024 * 1024
TIMEOUT_S = 10


class InputError(Exception):
    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(422, error_type, message, loc=("body", "control_image_url"))

    def of(self, field: str) -> "InputError":
        """The same about another field of the body."""
        other = InputError(self.failure.error_type, self.failure.message)
        other.failure = replace(self.failure, loc=("body", field))
        return other


async def fetch(url: str) -> bytes:
    if url.startswith("data:"):
        return _decode(url)
    if not url.startswith(("http://", "https://")):
        raise InputError("file_download_error", "The URL is neither http(s) nor a data URI")
    try:
        return await _download(url)
    except httpx.HTTPError as error:
        raise InputError("file_download_error", "Failed to download the file") from error


def _decode(url: str) -> bytes:
    head, _, body = url.partition(",")
    try:
        data = base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except binascii.Error as error:
        raise InputError("image_load_error", "The data URI is not valid base64") from error
    return _bounded(data)


async def _download(url: str) -> bytes:
    data = b""
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=True) as client,
        client.stream("GET", url) as response,
    ):
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            data = _bounded(data + chunk)
    return data


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise InputError("file_too_large", f"The file is larger than {MAX_BYTES} bytes")
    return data
