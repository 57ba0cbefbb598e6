"""An empty storage for a test, local or S3, with a client that opens the URLs it signs."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from adapters.storage import CACHE_CONTROL, ObjectMissing, Storage
from adapters.storage.factory import open_storage
from adapters.storage.local import LocalStorage
from schema import keys
from schema.errors import Forbidden
from schema.settings import Settings
from tests.servers.seaweed import S3Endpoint


@dataclass(frozen=True)
class Place:
    """One empty storage, with a client for its URLs."""

    storage: Storage
    http: httpx.AsyncClient
    settings: dict[str, Any]

    def at(self, now_s: float) -> Storage:
        """The same storage for somebody whose clock shows another time."""
        other = open_storage(settings(self.settings))
        signer: Any = other.signer if isinstance(other, LocalStorage) else other
        signer._clock = lambda: now_s
        return other


@contextlib.asynccontextmanager
async def empty_place(values: dict[str, Any]) -> AsyncIterator[Place]:
    storage = open_storage(settings(values))
    await storage.check()
    transport = httpx.ASGITransport(_files_app(storage)) if isinstance(storage, LocalStorage) else None
    async with httpx.AsyncClient(transport=transport) as http:
        yield Place(storage, http, values)
    await storage.close()


def settings(values: dict[str, Any]) -> Settings:
    return Settings(_env_file=None, **values)


def local_settings(folder: Path) -> dict[str, Any]:
    return {"storage_mode": "local", "storage_local_path": str(folder / "files")}


def s3_settings(server: S3Endpoint) -> dict[str, Any]:
    """A bucket of its own each time."""
    return {
        "storage_mode": "s3",
        "s3_endpoint": server.endpoint,
        "s3_bucket": f"test-{uuid.uuid4().hex}",
        "s3_access_key": server.access_key,
        "s3_secret_key": server.secret_key,
        "cloudflare_r2_public_url": None,
    }


def _files_app(storage: LocalStorage) -> Starlette:
    """Does what the API's route does."""

    async def send(request: Request) -> Response:
        key, query = request.path_params["key"], request.query_params
        try:
            storage.signer.verify(key, query)
            path = storage.path(key)
        except Forbidden:
            return Response(status_code=403)
        except ObjectMissing:
            return Response(status_code=404)
        headers = {"Cache-Control": CACHE_CONTROL}
        return FileResponse(
            path, headers=headers, media_type=keys.content_type(key), filename=query.get("dl")
        )

    return Starlette(routes=[Route("/files/{key:path}", send)])
