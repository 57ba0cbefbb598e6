"""No address, name or spelling leads a request into our own network."""

import ipaddress
import socket
import threading
from collections.abc import Iterable

import pytest

from adapters.public import AddressRefused, FetchFailed, PublicClient, refuse_impossible
from adapters.public.addresses import is_public

LITERALS = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.254", "127.0.0.1", "127.255.0.9", "169.254.0.1", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1",
    "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "[::]", "[::1]", "[::2]", "[::127.0.0.1]", "[::8.8.8.8]", "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::8.8.8.8]", "[100::1]", "[2001::1]",
    "[2001:0:7f00:1::]", "[2001:2::1]", "[2001:10::1]", "[2001:db8::1]", "[2002:7f00:1::]",
    "[2002:c0a8:1::1]", "[2002:a9fe:a9fe::]", "[2620:4f:8000::1]", "[3fff::1]", "[5f00::1]", "[fc00::1]",
    "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fec0::1]", "[ff02::1]",
    "[2606:4700::1%251]",
]  # fmt: skip
SPELLINGS = [
    "127.1", "127.0.1", "0x7f.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1",
    "127.0.0.01", "127.0.0.1.", "134744072", "0x08080808", "8.8.2056", "010.8.8.8", "8.8.8.8.",
    "256.256.256.256", "1.2.3.4.5", "0x", "0x7f.0x0.0x0.0x1", "%31%32%37.0.0.1", "127%2e0.0.1",
    "127。0。0。1", "\uff11\uff12\uff17.0.0.1", "①②⑦.0.0.①",
    "localhost%00.example", "[::1", "[v1.x]", "[127.0.0.1]",
    "[::1]x", "a..b", ".example", "-x.example", "x-.example", "xn--", "exa%20mple.com", "exa!mple.com",
    r"shop.example\@10.0.0.1",
]  # fmt: skip
URLS = [
    "",
    "shop.example",
    "//shop.example/a.png",
    "/a.png",
    "https:",
    "https://",
    "https:///a.png",
    "https:shop.example",
    "https://shop.example:0/",
    "https://shop.example:99999/",
    "https://shop.example:x/",
    "https://ann@shop.example/",
    "https://ann:secret@shop.example/",
    "https://:secret@shop.example/",
    "https://shop.example@10.0.0.1/",
    "http://shop.example/",
    "http://8.8.8.8/",
    "ftp://shop.example/",
    "file:///etc/passwd",
    "gopher://shop.example/",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "ws://shop.example/",
    "unix:///run/docker.sock",
    "https://shop.example/\nHost: 10.0.0.1",
    "https://" + "a." * 200 + "example/",
    "https://" + "a" * 64 + ".example/",
    "https://shop.example/" + "a" * 70_000,
]
NAMES = {
    "private.example": ["10.0.0.7"],
    "loopback.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["fd00::7"],
    "mapped.example": ["::ffff:192.168.0.1"],
    "zoned.example": ["fe80::1%2"],
    "tunnel.example": ["2002:a00:1::"],
    "both.example": ["8.8.8.8", "10.0.0.7"],
    "both6.example": ["2606:4700::1111", "::1"],
    "nothing.example": [],
    "nonsense.example": ["not an address"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "redis": ["10.1.2.3"],
    "shop.example": ["8.8.8.8"],
}
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "191.255.255.255",
    "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
    "2a00:1450::1", "2001:4860:4860::8888", "2002:808:808::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
]  # fmt: skip


def lookup(name: str) -> Iterable[str]:
    if name not in NAMES:
        raise OSError("no such name")
    return NAMES[name]


@pytest.fixture(scope="module")
def public() -> PublicClient:
    """Nothing that is refused opens a connection, so there is nothing to close."""
    return PublicClient(allow_loopback=False, lookup=lookup)


@pytest.fixture(scope="module")
def local() -> PublicClient:
    return PublicClient(allow_loopback=True, lookup=lookup)


REFUSED = [
    *(f"https://{host}/a.png" for host in (*LITERALS, *SPELLINGS)),
    *(f"https://{name}/a.png" for name in (*NAMES, "gone.example") if name != "shop.example"),
    *URLS,
]


@pytest.mark.parametrize("url", REFUSED)
async def test_refused_however_it_is_asked(public: PublicClient, url: str) -> None:
    with pytest.raises(AddressRefused) as raised:
        await public.check(url)
    with pytest.raises(AddressRefused):
        await public.get(url, max_bytes=10, total_s=5)
    with pytest.raises(AddressRefused):
        await public.post(url, b"{}", {}, total_s=5)
    assert (raised.value.code, raised.value.status) == ("VALIDATION_ERROR", 400)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://private.example/", "https://gone.example/", "https://127.1/"]
)
async def test_what_lies_inside_and_what_is_not_there_look_the_same(public: PublicClient, url: str) -> None:
    with pytest.raises(AddressRefused) as raised:
        await public.check(url)
    assert raised.value.message == (
        "This address does not lead to a public server. Give an https URL that does."
    )


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_passes(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/",
        "https://SHOP.example:8443/x?y=z",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/",
    ],
)
async def test_public_urls_pass(public: PublicClient, url: str) -> None:
    await public.check(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:1234/", "http://127.0.0.1/", "https://[::1]/", "http://loopback.example/"]
)
async def test_development_may_call_this_machine(local: PublicClient, url: str) -> None:
    await local.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "http://8.8.8.8/",
        "http://10.0.0.1/",
        "https://private.example/",
        "https://metadata.example/",
        "https://both6.example/",
        "https://0.0.0.0/",
        "http://127.1/",
        "http://ann@localhost/",
    ],
)
async def test_development_allows_nothing_else(local: PublicClient, url: str) -> None:
    with pytest.raises(AddressRefused):
        await local.check(url)


async def test_name_servers_that_hang_hold_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.public.checks.LOOKUP_S", 0.05)
    answered = threading.Event()

    def hanging(_: str) -> Iterable[str]:
        answered.wait(30)
        return ["8.8.8.8"]

    public = PublicClient(allow_loopback=False, lookup=hanging)
    for _ in range(20):  # more than there are threads
        with pytest.raises(FetchFailed):
            await public.check("https://shop.example/")
    answered.set()
    await public.close()


async def test_name_servers_in_trouble_condemn_no_name() -> None:
    """What fails now may be well in a minute, unlike a name that does not exist."""

    def away(_: str) -> Iterable[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    public = PublicClient(allow_loopback=False, lookup=away)
    with pytest.raises(FetchFailed):
        await public.check("https://shop.example/")


@pytest.mark.parametrize(
    "url", [*(f"https://{host}/a.png" for host in (*LITERALS, *SPELLINGS)), *URLS, "https://localhost/"]
)
def test_what_can_never_be_right_is_told_without_asking_anybody(url: str) -> None:
    with pytest.raises(AddressRefused):
        refuse_impossible(url, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "http://8.8.8.8/",
        "https://10.0.0.1/",
        "http://127.1/",
        "http://ann@localhost/",
    ],
)
def test_not_even_in_development(url: str) -> None:
    with pytest.raises(AddressRefused):
        refuse_impossible(url, allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "allow_loopback"),
    [
        ("https://shop.example/x?y=z", False),
        ("https://gone.example/", False),
        ("https://8.8.8.8/", False),
        ("https://[2606:4700::1]/", True),
        ("http://localhost:1234/", True),
        ("http://127.0.0.1:1/", True),
        ("http://[::1]/", True),
    ],
)
def test_what_may_be_right_passes(url: str, *, allow_loopback: bool) -> None:
    refuse_impossible(url, allow_loopback=allow_loopback)
