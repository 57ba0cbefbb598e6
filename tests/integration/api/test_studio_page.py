"""The Studio as a browser gets it: whole, typed, from nowhere else, and nothing besides it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.routes.studio import HERE
from schema.settings import Settings
from tests.integration.api.stand_in import StandIn
from tests.servers.http import serving

FILES = sorted(str(path.relative_to(HERE)) for path in HERE.rglob("*") if path.is_file())
PARTS = [name for name in FILES if not name.endswith(".html")]
PAGES = {"/": "index.html", "/shared/any-token": "shared.html"}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
NOT_OURS = (
    "/studio",
    "/studio/",
    "/studio/js",
    "/studio/js/",
    "/studio/js/core/",
    "/studio/nothing.js",
    "/studio/index.html",
    "/studio/../pyproject.toml",
    "/studio/js/../css/base.css",
    "/studio/js/../../api/app.py",
    "/studio/..%2fpyproject.toml",
    "/studio/%2e%2e/pyproject.toml",
    "/studio/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/studio//etc/passwd",
    "/studio/%2fetc%2fpasswd",
    "/studio/js%5c..%5cicon.svg",
    "/studio/icon.svg%00.js",
)
IMPORT = re.compile(r"""(?:from|import)\s*\(?["']([^"']+)["']""")
ELSEWHERE = re.compile(r"""https?://[^\s"')]+|\bdata:\w+/|(?<=["'(])//[^\s"')]+""")
NAMESPACES = {"http://www.w3.org/2000/svg"}
"""A name, not an address: nothing is loaded from it."""


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.inline: list[str] = []
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self._tag in ("script", "style") and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    @property
    def loaded(self) -> list[str]:
        links = ("src", "srcset", "data", "poster")
        return [
            value for tag, name, value in self.attributes if name in links or (tag, name) == ("link", "href")
        ]


@pytest.fixture
async def visitor(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url) as client:
        yield client


def policy_of(answer: httpx.Response) -> dict[str, list[str]]:
    directives = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in directives}


async def test_the_page_is_served_without_a_token(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text == (HERE / "index.html").read_text("utf-8")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    head = await visitor.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert (await visitor.post("/")).status_code == 405


@pytest.mark.parametrize("place", PAGES)
async def test_a_page_may_load_nothing_from_elsewhere(visitor: httpx.AsyncClient, place: str) -> None:
    assert policy_of(await visitor.get(place)) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "http://127.0.0.1:8000"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'none'"],
    }


async def test_the_public_page_is_the_same_for_all_and_wants_no_visit_of_robots(
    visitor: httpx.AsyncClient,
) -> None:
    answers = [await visitor.get(f"/shared/{token}") for token in ("one", "x" * 500, "%2e%2e")]
    for answer in answers:
        assert (answer.status_code, answer.text) == (200, (HERE / "shared.html").read_text("utf-8"))
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Robots-Tag" not in (await visitor.get("/")).headers
    for elsewhere in ("/shared", "/shared/", "/shared/a/b"):
        assert (await visitor.get(elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "origin", "signed"),
    [
        ({"s3_endpoint": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        (
            {"s3_endpoint": "https://s3.eu-west-1.amazonaws.com", "s3_region": "eu-west-1"},
            *["https://posegen.s3.eu-west-1.amazonaws.com"] * 2,
        ),
        (
            {
                "s3_endpoint": "https://account.r2.cloudflarestorage.com",
                "cloudflare_r2_public_url": "https://pictures.example/shop",
            },
            "https://pictures.example",
            "https://account.r2.cloudflarestorage.com",
        ),
    ],
)
async def test_pictures_of_a_bucket_may_be_shown(
    settings: Settings, gateway: StandIn, changed: dict[str, str], origin: str, signed: str
) -> None:
    keys = {"s3_access_key": "key", "s3_secret_key": "secret"}
    bucket = Settings(_env_file=None, **settings.model_dump() | {"storage_mode": "s3"} | keys | changed)
    async with serving(create_app(bucket, gateway=gateway)) as url, httpx.AsyncClient() as client:
        answer, public = [await client.get(url + place) for place in PAGES]
    assert policy_of(answer)["img-src"] == ["'self'", origin]
    assert policy_of(public)["img-src"] == ["'self'", signed]


async def test_each_part_is_served_as_what_it_is(visitor: httpx.AsyncClient) -> None:
    for name in PARTS:
        answer = await visitor.get(f"/studio/{name}")
        assert (answer.status_code, answer.content) == (200, (HERE / name).read_bytes()), name
        assert answer.headers["Content-Type"] == TYPES[Path(name).suffix], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'", name


async def test_everything_the_page_names_is_there(visitor: httpx.AsyncClient) -> None:
    pages = {place: Page((await visitor.get(place)).text) for place in PAGES}
    reached = {httpx.URL(place).join(path).path for place, page in pages.items() for path in page.loaded}
    waiting = list(reached)
    while waiting:
        path = waiting.pop()
        answer = await visitor.get(path)
        assert answer.status_code == 200, path
        if path.endswith(".js"):
            named = {str(httpx.URL(path).join(found)) for found in IMPORT.findall(answer.text)}
            waiting += named - reached
            reached |= named
    assert reached == {f"/studio/{name}" for name in PARTS}


@pytest.mark.parametrize("place", PAGES)
async def test_nothing_is_inline(visitor: httpx.AsyncClient, place: str) -> None:
    page = Page((await visitor.get(place)).text)
    assert page.inline == []
    assert [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")] == []
    dangerous = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert {name for name in PARTS if dangerous.search((HERE / name).read_text("utf-8"))} == set()


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_another_place(name: str) -> None:
    assert set(ELSEWHERE.findall((HERE / name).read_text("utf-8"))) - NAMESPACES == set()


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js">',
        "@import '//cdn.example/x.css'",
        "url(http://x.example/a.png)",
        'src="data:text/html,x"',
    ],
)
def test_another_place_would_be_seen(text: str) -> None:
    assert ELSEWHERE.search(text)


async def test_an_unchanged_file_is_not_sent_again(visitor: httpx.AsyncClient) -> None:
    for path in ("/", "/studio/css/base.css"):
        first = await visitor.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        tag = first.headers["ETag"]
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
            again = await visitor.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert (await visitor.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_part_is_packed_for_who_can_unpack_it(visitor: httpx.AsyncClient) -> None:
    packed = await visitor.get("/studio/css/base.css", headers={"Accept-Encoding": "br, gzip"})
    plain = await visitor.get("/studio/css/base.css", headers={"Accept-Encoding": "identity"})
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert packed.content == plain.content == (HERE / "css/base.css").read_bytes()
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert all(answer.headers["Vary"].startswith("Accept-Encoding") for answer in (packed, plain))


async def test_nothing_else_is_served(base_url: str) -> None:
    for path in NOT_OURS:
        head, _, body = (await _asked_as_it_stands(httpx.URL(base_url), path)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404 "), path
        assert json.loads(body)["error"]["code"] == "NOT_FOUND", path


async def _asked_as_it_stands(address: httpx.URL, path: str) -> bytes:
    """Written to the socket: a client would tidy the path first."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: studio\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
