"""Customers at the HTTP door: each with a token, a project and an eye on the event stream."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx
from httpx_sse import aconnect_sse

from api.app import PREFIX
from cli.token import mint
from schema.settings import Settings

TERMINAL = frozenset({"completed", "failed", "cancelled"})


@dataclass
class Event:
    id: str
    type: str
    data: dict[str, Any]


@dataclass
class Customer:
    name: str
    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, base_url: str, name: str, ttl_s: int = 3600) -> "Customer":
        headers = {"Authorization": f"Bearer {mint(settings, name, ttl_s=ttl_s)}"}
        return cls(name, httpx.AsyncClient(base_url=base_url + PREFIX, headers=headers, timeout=30))

    def order(self, poses: list[str], **more: Any) -> dict[str, Any]:
        return {
            "projectId": f"proj_{self.name}",
            "generationType": "GALLERY_REFERENCE",
            "selectedPoseIds": poses,
            "batchSize": 1,
            "seed": 7,
        } | more

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, path, **options)

    async def get(self, path: str, **params: Any) -> Any:
        reply = await self.http.get(path, params=params)
        assert reply.is_success, reply.text
        return reply.json()

    async def generate(self, order: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post("/generate", json=order, headers=headers)

    async def start(self, poses: list[str], **more: Any) -> str:
        reply = await self.generate(self.order(poses, **more))
        assert reply.status_code == 202, reply.text
        return str(reply.json()["generationId"])

    async def control(self, generation_id: str, action: str) -> httpx.Response:
        return await self.http.post(f"/generations/{generation_id}/{action}")

    async def events(
        self, generation_id: str, last_id: str | None = None, **params: str
    ) -> AsyncGenerator[Event]:
        """As they come, until the server ends the stream."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        path = f"/generations/{generation_id}/events" if generation_id else "/events"
        async with aconnect_sse(self.http, "GET", path, headers=headers, params=params) as source:
            source.response.raise_for_status()
            async for sent in source.aiter_sse():
                if sent.data:  # httpx-sse makes an empty event of each comment that keeps the line open
                    yield Event(sent.id, sent.event, json.loads(sent.data))

    async def followed(self, generation_id: str, last_id: str | None = None) -> list[Event]:
        return [event async for event in self.events(generation_id, last_id)]

    async def finished(self, generation_id: str) -> dict[str, Any]:
        """The terminal event's data."""
        return (await self.followed(generation_id))[-1].data


def ids_of(events: list[Event]) -> list[int]:
    return [int(event.id) for event in events]
