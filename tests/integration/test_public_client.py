"""Fetching from real servers on this machine: slow ones, endless ones, ones that send us elsewhere."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.http import Reply
from adapters.public import AddressRefused, FetchFailed, PublicClient, TookTooLong
from tests.eventually import until
from tests.servers.site import OK, Site, opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with opened() as site:
        yield site


class Names:
    """Name servers whose answers change: each look-up of a name takes the next one, the last stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, name: str) -> Iterable[str]:
        self.asked.append(name)
        left = self.answers.get(name.partition(".")[0], [["127.0.0.1"]])
        return left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def fetching(
    names: Names | None = None, *, verify: ssl.SSLContext | None = None
) -> AsyncIterator[PublicClient]:
    client = PublicClient(allow_loopback=True, lookup=names or Names(), verify=verify)
    yield client
    await client.close()


@pytest.fixture
async def client() -> AsyncIterator[PublicClient]:
    async with fetching() as client:
        yield client


def redirect(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


async def fetch(client: PublicClient, url: str) -> Reply:
    return await client.get(url, max_bytes=1000, total_s=5)


async def refused(client: PublicClient, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as raised:
        await fetch(client, url)
    return raised.value


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


async def test_cookies_are_not_kept(site: Site, client: PublicClient) -> None:
    site.answers["/a"] = OK + b"Set-Cookie: s=1\r\nContent-Length: 0\r\n\r\n"
    for _ in range(2):
        await fetch(client, site.url("/a"))
    assert [head for head in site.requests if "cookie:" in head.lower()] == []


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


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `trusted` believes them and nobody else's."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.certificate.public_bytes(PEM).decode())

    def server(self, name: str, seen: list[str]) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = certificate(name, key, self.key, is_authority=False)
        file = self.folder / f"{name}.pem"
        file.write_bytes(signed.public_bytes(PEM) + key.private_bytes(PEM, KEY_FORMAT, UNLOCKED))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.sni_callback = lambda _socket, sni, _context: seen.append(sni or "")
        return context


PEM = serialization.Encoding.PEM
KEY_FORMAT = serialization.PrivateFormat.PKCS8
UNLOCKED = serialization.NoEncryption()
AUTHORITY = "the authority of the tests"


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    at = dt.datetime.now(dt.UTC)
    basic = x509.BasicConstraints(ca=is_authority, path_length=None)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - dt.timedelta(hours=1))
        .not_valid_after(at + dt.timedelta(hours=1))
        .add_extension(basic, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_key, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(tmp_path, key, certificate(AUTHORITY, key, key, is_authority=True))


async def test_tls_speaks_of_the_name_and_not_of_the_address(authority: Authority) -> None:
    seen: list[str] = []
    async with (
        opened(tls=authority.server("shop.example", seen)) as site,
        fetching(verify=authority.trusted) as client,
    ):
        site.answers["/a"] = OK + b"Content-Length: 1\r\n\r\nx"
        assert (await fetch(client, site.url("/a", "shop.example", "https"))).content == b"x"
        assert seen == ["shop.example"]
        assert f"host: shop.example:{site.port}" in site.requests[0].lower()


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1", "127.0.0.1.example"])
async def test_a_certificate_of_another_name_is_refused(authority: Authority, host: str) -> None:
    async with (
        opened(tls=authority.server("shop.example", [])) as site,
        fetching(verify=authority.trusted) as client,
    ):
        assert "could not be reached" in (await refused(client, site.url("/a", host, "https"))).message
        assert site.requests == []


async def test_a_certificate_of_nobody_known_is_refused(authority: Authority) -> None:
    async with opened(tls=authority.server("shop.example", [])) as site, fetching() as client:
        await refused(client, site.url("/a", "shop.example", "https"))
        assert site.requests == []


async def test_nothing_stays_open(site: Site, client: PublicClient) -> None:
    site.handlers["/body"] = drip
    calls = [client.get(site.url("/body"), max_bytes=10**9, total_s=0.2) for _ in range(60)]
    failed = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in failed} == {TookTooLong}
    await until(lambda: site.open == 0)
