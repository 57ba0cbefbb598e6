"""Following a generation in the terminal, as a browser does: one event stream, resumed wherever it breaks."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from httpx_sse import aconnect_sse
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.exit import Exit
from cli.http import Api, failure

TERMINAL = frozenset({"completed", "failed", "cancelled"})
RECONNECT_S = 0.5
TRIES = 60
"""Half a minute without the API, then it is not only restarting."""
SILENCE_S = 40
"""The stream speaks every 15 s, if only to keep the line open."""


async def events(api: Api, generation_id: str) -> AsyncIterator[dict[str, Any]]:
    """Each event once, the terminal one last, across restarts of the API."""
    last_id, failures = "", 0
    while True:
        try:
            async for event_id, data in _stream(api, generation_id, last_id):
                last_id, failures = event_id or last_id, 0
                yield data
                if data["type"] in TERMINAL:
                    return
        except httpx.TransportError:
            failures += 1
            if failures > TRIES:
                raise
        await asyncio.sleep(RECONNECT_S)


async def _stream(api: Api, generation_id: str, last_id: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    path = f"/generations/{generation_id}/events"
    timeout = httpx.Timeout(10, read=SILENCE_S)
    async with aconnect_sse(api.http, "GET", path, headers=headers, timeout=timeout) as source:
        if source.response.is_error:
            await source.response.aread()
            raise failure(source.response)
        async for event in source.aiter_sse():
            if event.data:  # httpx-sse makes an empty event of each comment that keeps the line open
                yield event.id, json.loads(event.data)


async def show(api: Api, generation_id: str, *, as_json: bool) -> Exit:
    """A progress bar for people, a line an event for programs; then the links and how it ended."""
    end = await (_print_lines if as_json else _draw)(events(api, generation_id))
    if not as_json:
        await _print_links(api, generation_id)
        print(_sentence(end))
    return Exit.OK if end["type"] == "completed" and not end["failed"] else Exit.FAILURE


async def _print_lines(stream: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    async for data in stream:
        print(json.dumps(data), flush=True)
    return data


async def _draw(stream: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    data: dict[str, Any] = {}
    with Progress(*columns, console=Console()) as progress:
        task = progress.add_task("waiting", total=None)
        async for data in stream:
            if data["type"] in {"snapshot", "progress"}:
                progress.update(
                    task,
                    total=data["total"],
                    completed=data["completed"] + data["failed"],
                    description=data["currentStatus"],
                )
    return data


async def _print_links(api: Api, generation_id: str) -> None:
    cursor: dict[str, str] = {}
    while True:
        page = await api.get(f"/generations/{generation_id}/results", **cursor)
        for item in page["results"]:
            _print_item(item)
        if not page["nextCursor"]:
            return
        cursor = {"cursor": page["nextCursor"]}


def _print_item(item: dict[str, Any]) -> None:
    print(f"{item['index'] + 1:4} {item['poseId'] or 'text'}  {item['outputImageUrl'] or item['errorCode']}")
    for name, export in item["exports"].items():
        print(f"       {name}  {export['url']}")


def _sentence(end: dict[str, Any]) -> str:
    if end["type"] == "failed":
        return f"failed: {end['error']} {end['creditRefunded']} credits refunded"
    failed = f", {end['failed']} failed" if end.get("failed") else ""
    return f"{end['type']}: {end['completed']} delivered{failed}, {end['creditRefunded']} credits refunded"
