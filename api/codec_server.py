"""The codec server: opens sealed payloads for the operator's Temporal Web UI, and for nobody else.

A program of its own, so that the public API holds no way to open anything. The UI calls it from the
operator's browser: with the token of an admin, or by an address that holds CODEC_SECRET where the UI has no
sign-in. What no key opens is given back as it came.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from starlette.middleware.cors import CORSMiddleware
from temporalio.api.common.v1 import Payload, Payloads

from adapters.keyring import Unreadable
from api import errors
from api.auth import Tokens
from api.middleware import Envelope, Limits
from schema.errors import Forbidden, Misconfigured, Unauthenticated, ValidationFailed
from schema.settings import Settings
from workflows.codec import SealingCodec, codec

BODY_LIMIT_BYTES: Final = 16 * 1024 * 1024
LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
Work = Callable[[Payload], Payload]


def create_codec_app(settings: Settings) -> FastAPI:
    sealing = codec(settings)
    if sealing is None:
        raise Misconfigured("There is nothing to open: set PAYLOAD_KEYS to the keys of the workers.")
    door = Door(settings)
    app = FastAPI(title="Pose Generator codec", docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(app)
    for name, work in (("decode", _opening(sealing)), ("encode", sealing.sealed)):
        app.add_api_route(f"/{name}", _route(door, work), methods=["POST"])
        app.add_api_route(f"/{{secret}}/{name}", _route(door, work), methods=["POST"])
    app.add_api_route("/livez", _alive, methods=["GET"])
    app.add_middleware(Limits, usual=BODY_LIMIT_BYTES)
    app.add_middleware(
        CORSMiddleware,
        allow_origin_regex=_origin(settings.temporal_ui_url),
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "X-Namespace"],
        allow_credentials=True,
    )
    app.add_middleware(Envelope)
    return app


class Door:
    """Who may come in: an admin of the API, or whoever was given the address with the secret in it."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = Tokens(settings)
        self._secret = settings.codec_secret.get_secret_value().encode() if settings.codec_secret else None

    async def require(self, request: Request) -> None:
        given = request.path_params.get("secret")
        if given is not None:
            if self._secret is None or not hmac.compare_digest(given.encode(), self._secret):
                raise Unauthenticated("This is not the codec's address. Take the one that the UI was given.")
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send an admin's token: Authorization: Bearer …")
        if not (await self._tokens.caller(token)).is_admin:
            raise Forbidden("Only admins may open payloads.")


def _route(door: Door, work: Work) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        await door.require(request)
        done = Payloads(payloads=map(work, _read(await request.body())))
        return Response(MessageToJson(done), media_type="application/json")

    return answer


def _read(body: bytes) -> Sequence[Payload]:
    try:
        return Parse(body, Payloads()).payloads
    except (ParseError, UnicodeDecodeError) as error:
        raise ValidationFailed("The body is no Payloads message in JSON.") from error


def _opening(sealing: SealingCodec) -> Work:
    def opened(payload: Payload) -> Payload:
        try:
            return sealing.opened(payload)
        except Unreadable:  # of a key that is gone: the others of the page are to be seen all the same
            return payload

    return opened


async def _alive() -> dict[str, str]:
    return {"status": "ok"}


def _origin(ui_url: str) -> str:
    """The UI's pages only. On this machine by any of its names and at any port, which may change."""
    ui = urlsplit(ui_url)
    if ui.hostname in LOOPBACK:
        return r"http://(127\.0\.0\.1|localhost|\[::1\]):\d+"
    return re.escape(f"{ui.scheme}://{ui.netloc}")
