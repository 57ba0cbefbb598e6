"""What another page, a frame or a link could try with a browser that is signed in here.

There is no cookie to ride on: who asks is said by a header that no other page can set, or by a ticket that
is good for one stream.
"""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

import httpx

from api.app import PREFIX
from tests.integration.api.conftest import Clients, token
from tests.integration.api.test_roles import GUARDED

EVIL: Final = "https://evil.example"
NAMES: Final = ("token", "access_token", "Authorization", "session", "sessionid", "jwt", "bearer", "ticket")


async def test_no_cookie_signs_anybody_in_and_none_is_set(base_url: str) -> None:
    cookies = "; ".join(f"{name}={token()}" for name in NAMES)
    headers = {"Cookie": cookies, "Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as browser:
        for name in GUARDED:
            method, _, path = name.partition(" ")
            async with browser.stream(method, path.replace("{", "").replace("}", "")) as answer:
                assert answer.status_code == 401, name
                assert "Set-Cookie" not in answer.headers, name


async def test_what_a_form_of_another_page_can_send_is_refused(base_url: str) -> None:
    """Without a preflight a page can send these kinds of bodies, and no Authorization."""
    bodies = {
        "text/plain": b'{"projectName": "x"}',
        "application/x-www-form-urlencoded": b"projectName=x",
        "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n--x--',
    }
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as browser:
        for kind, body in bodies.items():
            for path in ("/projects", "/uploads", "/generate"):
                headers = {"Content-Type": kind, "Origin": EVIL, "Cookie": f"token={token()}"}
                assert (await browser.post(path, content=body, headers=headers)).status_code == 401


async def test_no_other_origin_may_read_or_is_told_what_it_may_send(ana: httpx.AsyncClient) -> None:
    for origin in (EVIL, "null", "https://shop.example.evil.example", "http://shop.example"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for answer in (
            await ana.get("/credits", headers={"Origin": origin}),
            await ana.options("/generate", headers=asked),
        ):
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_the_documentation_runs_only_what_we_have_looked_at(base_url: str) -> None:
    """Scripts of others, on the origin whose Studio keeps a token."""
    async with httpx.AsyncClient(base_url=base_url) as browser:
        answer = await browser.get("/docs")
        assert (await browser.get("/redoc")).status_code == 404
    foreign = re.findall(r'<(?:script|link)[^>]*"https://[^>]*>', answer.text)
    assert len(foreign) == 2
    for tag in foreign:
        assert re.search(r'integrity="sha384-[A-Za-z0-9+/]{64}" crossorigin="anonymous"', tag), tag
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    [inline] = re.findall(r"<script>(.*?)</script>", answer.text)
    assert f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'" in policy["script-src"]
    assert "unsafe" not in policy["script-src"]
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")


async def test_nobody_gives_himself_what_only_we_give(ana: httpx.AsyncClient, as_user: Clients) -> None:
    """Fields that a request may not have are no way to money, rights or other people's things."""
    loot: dict[str, Any] = {
        "id": "proj_mine",
        "userId": "ben",
        "user_id": "ben",
        "role": "admin",
        "isPremium": True,
        "balance": 10**6,
        "balanceCredits": 10**6,
        "totalPoses": 99,
        "createdAt": "2020-01-01T00:00:00Z",
        "itemPriceCredits": 0,
        "creditCharged": 0,
        "price": 0,
        "status": "deleted",
    }
    made = (await ana.post("/projects", json={"projectName": "Mine"} | loot)).json()["project"]
    assert made["id"] != "proj_mine"
    assert (made["status"], made["totalPoses"]) == ("active", 0)
    assert (await as_user("ben").get(f"/projects/{made['id']}")).status_code == 404
    avatar = (await ana.post("/avatars", json={"name": "Me"} | loot)).json()["avatar"]
    assert (await as_user("ben").get(f"/avatars/{avatar['id']}")).status_code == 404
    assert (await ana.get("/credits")).json()["balance"] == 1000
    assert (await ana.get("/metrics")).status_code == 403


async def test_no_price_is_a_clients(ana: httpx.AsyncClient, project: str, poses: list[str]) -> None:
    order = {"projectId": project, "generationType": "GALLERY_REFERENCE", "selectedPoseIds": poses[:1]}
    free = {"batchSize": 1, "itemPriceCredits": 0, "item_price_credits": 0, "creditCost": 0, "price": -5}
    answer = await ana.post("/generate", json=order | free)
    assert answer.json()["creditCharged"] == 30
    assert (await ana.get("/credits")).json()["balance"] == 970
