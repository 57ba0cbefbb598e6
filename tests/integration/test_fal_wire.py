"""The client against real sockets: what reached the other side decides what a failure means."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.http import Reply
from adapters.providers import Handle, PictureRequest
from adapters.providers.fal import FalProvider
from adapters.providers.pictures import PictureLink
from schema.errors import ProviderUnavailable, SubmitUnclear
from schema.settings import Settings

REQUEST = PictureRequest("a woman waving", "", 77, 512, 512, pose_map=b"\x89PNG" * 50_000, key="k")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Peer:
    """A server that talks by hand and knows how many connections are open."""

    def __init__(self, talk: Talk) -> None:
        self.url = ""
        self.accepted = 0
        self.received = asyncio.Event()
        self.all_closed = asyncio.Event()
        self._open = 0
        self._talk = talk

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.received.set()
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._open -= 1
            if not self._open:
                self.all_closed.set()

    def handle(self) -> Handle:
        return Handle(request_id="r", status_url=self.url, response_url=self.url, cancel_url=self.url)


@asynccontextmanager
async def talking(talk: Talk, **settings: Any) -> AsyncIterator[tuple[Peer, FalProvider]]:
    peer = Peer(talk)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    provider = FalProvider(Settings(fal_queue_url=peer.url, **settings))
    async with server:
        yield peer, provider
        await provider.close()
        server.close()
        await asyncio.wait_for(peer.all_closed.wait(), 10)


async def read_all(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


async def close_at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half_a_reply(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"request_id": ')
    await writer.drain()


async def no_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_closed_port_has_seen_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    provider = FalProvider(Settings(fal_queue_url=f"http://127.0.0.1:{port}"))
    with pytest.raises(ProviderUnavailable):
        await provider.submit(REQUEST)
    await provider.close()


async def test_a_failed_tls_handshake_has_shown_nothing() -> None:
    def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    async with await asyncio.start_server(no_tls, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        provider = FalProvider(Settings(fal_queue_url=f"https://127.0.0.1:{port}"))
        with pytest.raises(ProviderUnavailable):
            await provider.submit(REQUEST)
        await provider.close()


@pytest.mark.parametrize("talk", [close_at_once, half_a_reply, no_http])
async def test_a_break_after_the_request_is_unclear_and_not_repeated(talk: Talk) -> None:
    async with talking(talk) as (peer, provider):
        with pytest.raises(SubmitUnclear):
            await provider.submit(REQUEST)
        assert peer.accepted == 1


@pytest.mark.parametrize("talk", [read_all, drip])
async def test_a_reply_that_never_ends_is_unclear(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.providers.wire.SUBMIT_S", 0.2)
    async with talking(talk) as (peer, provider):
        with pytest.raises(SubmitUnclear):
            await asyncio.wait_for(provider.submit(REQUEST), 10)
        assert peer.accepted == 1


@pytest.mark.parametrize("talk", [read_all, drip])
async def test_the_callers_deadline_closes_the_connection(talk: Talk) -> None:
    async with talking(talk) as (peer, provider):
        waiting = asyncio.create_task(provider.wait(peer.handle()))
        await asyncio.wait_for(peer.received.wait(), 10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wait_for(peer.all_closed.wait(), 10)
        assert peer.accepted == 1


@pytest.mark.parametrize("part", ["question", "picture", "stream"])
async def test_cancelled_calls_give_their_connections_back(part: str) -> None:
    """At any moment of theirs: those that connect, wait for an answer, read it, or are done with it."""
    chance = random.Random(7)

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await asyncio.sleep(chance.random() * 0.004)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b" " * 100)
            await writer.drain()
            await asyncio.sleep(chance.random() * 0.004)
            writer.write(b" " * 100)
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")

    async with talking(answers, flux_concurrency=1) as (peer, provider):
        for _ in range(300):
            call = asyncio.create_task(asking(provider, peer.handle(), part))
            await asyncio.sleep(chance.random() * 0.01)
            call.cancel()
            await asyncio.wait([call])
        async with asyncio.timeout(5):
            await asking(provider, peer.handle(), part)


def unsettled(_: Reply) -> bool | None:
    return None


async def asking(provider: FalProvider, handle: Handle, part: str) -> None:
    """One call of each kind that there is."""
    url = handle.status_url
    match part:
        case "question":
            assert await provider._wire.ask("GET", url)
        case "picture":
            await provider._queue._pictures.fetch(PictureLink(url, "image/png", None))
        case "stream":
            await provider._wire.told(url, "stream", unsettled, 1)
            assert await provider._wire.ask("GET", url), "its connection is there again"


async def test_a_hanging_poll_is_given_up_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.providers.wire.ASK_S", 0.1)
    monkeypatch.setattr("adapters.providers.fal.queue.SHORTEST_LISTENING_S", 0.1)
    asked_twice = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer.accepted == 3:  # it is listened to before
            asked_twice.set()
        await read_all(reader, writer)

    async with talking(hang) as (peer, provider):
        waiting = asyncio.create_task(provider.wait(peer.handle()))
        await asyncio.wait_for(asked_twice.wait(), 10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
