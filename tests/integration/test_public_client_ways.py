"""Where the public client's calls go: redirects, names that change their minds, proxies."""

import asyncio

import pytest

from adapters.public import AddressRefused, PublicClient
from tests.integration.fetches import Names, client, fetch, fetching, refused, site
from tests.servers.site import OK, Site, opened

__all__ = ["client", "site"]


def redirect(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_a_little(site: Site, client: PublicClient, status: int) -> None:
    site.answers["/1"] = redirect("/2", status)
    site.answers["/2"] = redirect("3", status)
    site.answers["/3"] = redirect(site.url("/end"), status)
    site.answers["/end"] = OK + b"Content-Length: 1\r\n\r\nx"
    assert (await fetch(client, site.url("/1"))).content == b"x"
    site.answers["/0"] = redirect("/1", status)
    assert "redirects too often" in (await refused(client, site.url("/0"))).message


INSIDE = [
    "https://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "//192.168.0.1/",
    "https://private.example/",
    "http://shop.example:1/",
    "https://[::ffff:10.0.0.1]/",
    "https://2130706433.example@10.0.0.1/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "http://u:p@127.0.0.1/",
]


@pytest.mark.parametrize("location", INSIDE)
async def test_a_redirect_leads_nowhere_that_a_url_may_not(site: Site, location: str) -> None:
    names = Names(private=[["10.0.0.1"]], shop=[["8.8.8.8"]])
    site.answers["/a"] = redirect(location)
    async with fetching(names) as client:
        with pytest.raises(AddressRefused):
            await fetch(client, site.url("/a"))


@pytest.mark.parametrize("location", ["http://[v1.x]/", "https://xn--/", "http://127.0.0.1:x/"])
async def test_a_redirect_to_nonsense(site: Site, client: PublicClient, location: str) -> None:
    site.answers["/a"] = redirect(location)
    assert "broke off" in (await refused(client, site.url("/a"))).message


async def test_the_body_of_a_redirect_is_not_read(site: Site, client: PublicClient) -> None:
    async def endless_redirect(writer: asyncio.StreamWriter, _: str) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    site.handlers["/a"] = endless_redirect
    site.answers["/end"] = OK + b"Content-Length: 1\r\n\r\nx"
    assert (await fetch(client, site.url("/a"))).content == b"x"


async def test_no_proxy_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answers["/a"] = OK + b"Content-Length: 0\r\n\r\n"
    async with fetching() as client:
        assert (await fetch(client, site.url("/a"))).status == 200


async def test_a_post_is_sent_once_and_follows_nothing(site: Site, client: PublicClient) -> None:
    site.answers["/hook"] = redirect("/elsewhere", 307)
    reply = await client.post(site.url("/hook"), b'{"a": 1}', {"X-Sign": "s"}, total_s=5)
    assert reply.status == 307
    assert len(site.requests) == 1
    assert "x-sign: s" in site.requests[0].lower()
    site.answers["/long"] = b"HTTP/1.1 500 No\r\n\r\n" + b"x" * 100_000
    reply = await client.post(site.url("/long"), b"{}", {}, total_s=5, max_bytes=10)
    assert (reply.status, reply.content) == (500, b"x" * 10)


async def test_the_checked_address_is_the_called_one() -> None:
    """A name that leads elsewhere the second time: asked once, called where it was checked."""
    names = Names(rebound=[["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]])
    async with opened() as checked, opened("127.0.0.2", checked.port) as other, fetching(names) as client:
        checked.answers["/a"] = other.answers["/a"] = OK + b"Content-Length: 0\r\n\r\n"
        url = checked.url("/a", "rebound.example")
        await fetch(client, url)
        assert (len(checked.requests), len(other.requests), names.asked) == (1, 0, ["rebound.example"])
        assert f"host: rebound.example:{checked.port}" in checked.requests[0].lower()
        await fetch(client, url)
        assert (len(checked.requests), len(other.requests)) == (1, 1), "no connection was kept"
        with pytest.raises(AddressRefused):
            await fetch(client, url)


async def test_rebinding_between_check_and_call(site: Site) -> None:
    names = Names(rebound=[["127.0.0.1"], ["10.0.0.1"]])
    async with fetching(names) as client:
        url = site.url("/a", "rebound.example")
        await client.check(url)
        with pytest.raises(AddressRefused):
            await fetch(client, url)
    assert site.requests == []


async def test_the_next_address_where_one_does_not_answer(site: Site) -> None:
    site.answers["/a"] = OK + b"Content-Length: 0\r\n\r\n"
    names = Names(shop=[["127.0.0.3", "::1", "127.0.0.1", "127.0.0.4"]])
    async with fetching(names) as client:
        await client.post(site.url("/a", "shop.example"), b'{"a": 1}', {}, total_s=5)
    assert len(site.requests) == 1
