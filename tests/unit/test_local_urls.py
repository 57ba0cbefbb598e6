"""A signed URL opens one object for a while, and nothing else, whatever is changed about it."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from adapters.storage import BadKey
from adapters.storage.signing import UrlSigner
from schema.errors import Forbidden

KEY = "generated/gen_1/item_1.png"
NOW_S = 1_800_000_123.0
TTL_S = 3600


def signer(now_s: float = NOW_S, secret: str = "s" * 32, ttl_s: int = TTL_S) -> UrlSigner:
    return UrlSigner("http://shop.test/", secret, ttl_s, clock=lambda: now_s)


def parts(url: str) -> tuple[str, dict[str, str]]:
    split = urlsplit(url)
    return split.path.removeprefix("/files/"), {
        name: values[0] for name, values in parse_qs(split.query).items()
    }


def signed(download_name: str | None = None, *, now_s: float = NOW_S) -> dict[str, str]:
    return parts(signer(now_s).url(KEY, download_name))[1]


def test_what_was_signed_is_accepted() -> None:
    for name in (None, "Kaos é 1.png", 'a"b\n&c=d.png'):
        url = signer().url(KEY, name)
        key, query = parts(url)
        assert url.startswith("http://shop.test/files/generated/")
        assert key == KEY
        assert query.get("dl") == name
        signer().verify(key, query)


def test_it_holds_at_least_the_ttl_and_at_most_a_quarter_more() -> None:
    for offset_s in (0, 1, 450, 899, 900, 901):
        query = signed(now_s=NOW_S + offset_s)
        left_s = int(query["exp"]) - (NOW_S + offset_s)
        assert TTL_S < left_s + 1 <= TTL_S * 5 / 4 + 1
        signer(NOW_S + offset_s + TTL_S - 1).verify(KEY, query)
        with pytest.raises(Forbidden, match="expired"):
            signer(float(query["exp"])).verify(KEY, query)


def test_urls_are_equal_within_a_window_and_differ_after_it() -> None:
    start_s = NOW_S // (TTL_S / 4) * (TTL_S / 4)
    urls = [signer(start_s + offset_s).url(KEY) for offset_s in (0, 450, 899, 900)]
    assert urls[0] == urls[1] == urls[2] != urls[3]


@pytest.mark.parametrize(
    "change",
    [
        {"exp": "9999999999"},
        {"exp": ""},
        {"exp": "soon"},
        {"exp": "+1800004500"},
        {"sig": ""},
        {"sig": "A" * 43},
        {"sig": "é\ud800"},
        {"dl": "evil.html"},
        {"dl": ""},
    ],
    ids=str,
)
def test_any_change_is_refused(change: dict[str, str]) -> None:
    query = signed("picture.png")
    with pytest.raises(Forbidden, match="not valid"):
        signer().verify(KEY, query | change)


@pytest.mark.parametrize("missing", ["exp", "sig", "dl"])
def test_any_omission_is_refused(missing: str) -> None:
    query = signed("picture.png")
    del query[missing]
    with pytest.raises(Forbidden, match="not valid"):
        signer().verify(KEY, query)


@pytest.mark.parametrize(
    "key", ["generated/gen_1/item_2.png", f"{KEY}/", f"./{KEY}", "", "../secret", KEY.upper()]
)
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(Forbidden, match="not valid"):
        signer().verify(key, signed())


def test_fields_cannot_shift_into_each_other() -> None:
    query = signed("9999999999\npicture.png")
    shifted = {"exp": "9999999999", "dl": "picture.png", "sig": query["sig"]}
    with pytest.raises(Forbidden, match="not valid"):
        signer().verify(f"{KEY}\n{query['exp']}", shifted)


def test_another_secret_is_refused() -> None:
    with pytest.raises(Forbidden, match="not valid"):
        signer(secret="t" * 32).verify(KEY, signed())


def test_an_expired_forgery_learns_nothing() -> None:
    with pytest.raises(Forbidden, match="not valid"):
        signer().verify(KEY, {"exp": "1", "sig": "A" * 43})


def test_malformed_keys_are_never_signed() -> None:
    with pytest.raises(BadKey):
        signer().url("generated/../../etc/passwd")


def test_the_query_survives_a_round_trip_through_a_browser() -> None:
    query = signed("a b+c%20.png")
    assert parts(f"/files/{KEY}?{urlencode(query)}") == (KEY, query)


def test_a_tiny_ttl_still_works() -> None:
    key, query = parts(signer(ttl_s=1).url(KEY))
    signer(ttl_s=1).verify(key, query)
