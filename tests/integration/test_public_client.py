"""What the public client takes from real servers on this machine: slow ones, endless ones, broken ones."""

import asyncio

import pytest

from adapters.public import FetchFailed, PublicClient, TookTooLong
from tests.eventually import until
from tests.integration.fetches import client, fetch, refused, site
from tests.servers.site import OK, Site, opened

__all__ = ["client", "site"]


async def test_what_is_there_comes_whole(site: Site, client: PublicClient) -> None:
    site.answers["/a"] = OK + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000
    reply = await fetch(client, site.url("/a"))
    assert (reply.status, reply.content, reply.headers["content-type"]) == (200, b"x" * 1000, "image/png")
    head = site.requests[0].lower()
    assert f"host: 127.0.0.1:{site.port}" in head
    assert "accept-encoding: identity" in head
    assert "cookie" not in head


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
        OK + b"\r\n" + b"x" * 50_000,
        OK
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"1f4\r\n"
        + b"x" * 500
        + b"\r\n1f5\r\n"
        + b"x" * 501
        + b"\r\n0\r\n\r\n",
    ],
)
async def test_more_than_the_limit_is_refused(site: Site, client: PublicClient, answer: bytes) -> None:
    site.answers["/a"] = answer
    assert "larger than 1000 bytes" in (await refused(client, site.url("/a"))).message


async def test_an_endless_answer_is_left_early(site: Site, client: PublicClient) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter, _: str) -> None:
        nonlocal sent
        writer.write(OK + b"\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()
            sent += 10_000

    site.handlers["/a"] = endless
    await refused(client, site.url("/a"))
    assert sent < 20_000_000, "only what the sockets buffer"


async def test_packed_answers_are_not_unpacked(site: Site, client: PublicClient) -> None:
    site.answers["/a"] = OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    assert (await fetch(client, site.url("/a"))).content == b"abc"


async def drip(writer: asyncio.StreamWriter, path: str) -> None:
    """A byte now and then, so that no read ever waits for long."""
    writer.write({"/head": b"HTTP/1.1 200 OK\r\nX: ", "/body": OK + b"\r\n"}[path])
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["/head", "/body"])
async def test_a_slow_drip_ends_with_the_total_time(site: Site, client: PublicClient, path: str) -> None:
    site.handlers[path] = drip
    with pytest.raises(FetchFailed, match="in time"):
        await client.get(site.url(path), max_bytes=10**9, total_s=0.3)
    with pytest.raises(FetchFailed, match="in time"):
        await client.post(site.url(path), b"{}", {}, total_s=0.3, max_bytes=10**9)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    ],
)
async def test_a_broken_answer_is_a_failed_fetch(site: Site, client: PublicClient, answer: bytes) -> None:
    site.answers["/a"] = answer
    assert "could not be reached, or broke off" in (await refused(client, site.url("/a"))).message


@pytest.mark.parametrize("status", [204 + 100, 400, 401, 404, 500, 503])
async def test_only_success_counts(site: Site, client: PublicClient, status: int) -> None:
    site.answers["/a"] = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    assert f"status {status}" in (await refused(client, site.url("/a"))).message


async def test_nobody_there(client: PublicClient) -> None:
    async with opened() as site:
        pass
    assert "could not be reached" in (await refused(client, site.url("/a"))).message


async def test_cookies_are_not_kept(site: Site, client: PublicClient) -> None:
    site.answers["/a"] = OK + b"Set-Cookie: s=1\r\nContent-Length: 0\r\n\r\n"
    for _ in range(2):
        await fetch(client, site.url("/a"))
    assert [head for head in site.requests if "cookie:" in head.lower()] == []


async def test_nothing_stays_open(site: Site, client: PublicClient) -> None:
    site.handlers["/body"] = drip
    calls = [client.get(site.url("/body"), max_bytes=10**9, total_s=0.2) for _ in range(60)]
    failed = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in failed} == {TookTooLong}
    await until(lambda: site.open == 0)
