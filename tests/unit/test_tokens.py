"""Who is let in: bearer tokens by secret or by the issuer's keys, and tickets for one stream."""

import asyncio
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import base64url_encode

from api.auth import Caller, Tickets, Tokens
from schema.errors import Unauthenticated, Unavailable
from schema.kinds import Role
from schema.settings import Settings

SECRET = "a-secret-of-the-tests-that-is-long-enough"


def settings(**fields: Any) -> Settings:
    return Settings(_env_file=None, jwt_secret=SECRET, **fields)


def signed(claims: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode({"sub": "ana", "exp": time.time() + 60} | claims, key, algorithm, headers or None)


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        ({}, Caller("ana", Role.USER)),
        ({"role": "admin"}, Caller("ana", Role.ADMIN)),
        ({"role": "emperor"}, Caller("ana", Role.USER)),
        ({"aud": "someone"}, Caller("ana", Role.USER)),
    ],
)
async def test_good_tokens(claims: dict[str, Any], caller: Caller) -> None:
    assert await Tokens(settings()).caller(signed(claims)) == caller


async def test_a_clock_may_be_a_little_off() -> None:
    token = signed({"exp": time.time() - 20})
    assert await Tokens(settings()).caller(token) == Caller("ana", Role.USER)


async def test_user_id_instead_of_sub() -> None:
    token = jwt.encode({"userId": "ben", "exp": time.time() + 60}, SECRET, "HS256")
    assert await Tokens(settings()).caller(token) == Caller("ben", Role.USER)


BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: signed({"exp": time.time() - 31}),
    "not yet valid": lambda: signed({"nbf": time.time() + 300}),
    "no user": lambda: signed({"sub": ""}),
    "padded user": lambda: signed({"sub": " ana"}),
    "user with a line break": lambda: signed({"sub": "a\nb"}),
    "endless user": lambda: signed({"sub": "x" * 256}),
    "list for a user": lambda: signed({"sub": ["ana"]}),
    "truth for a user": lambda: signed({"sub": True}),
    "another secret": lambda: signed({}, SECRET[::-1]),
    "another algorithm": lambda: signed({}, SECRET + "x" * 30, "HS512"),
    "never expires": lambda: jwt.encode({"sub": "ana"}, SECRET, "HS256"),
    "unsigned": lambda: signed({}, "", "none"),
    "no time to expire at": lambda: by_hand({"exp": [9999999999]}),
    "expires at infinity": lambda: by_hand({"exp": float("inf")}),
    "expires at nothing": lambda: by_hand({"exp": float("nan")}),
    "expires at words": lambda: by_hand({"exp": "tomorrow"}),
    "endless number": lambda: by_hand(b'{"sub": "ana", "exp": ' + b"9" * 5000 + b"}"),
    "issued in the future": lambda: signed({"iat": time.time() + 300}),
    "deep claims": lambda: by_hand(b'{"sub": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    "deep head": lambda: by_hand({}, head=b'{"alg": "HS256", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    "claims that are no object": lambda: by_hand(b'["ana"]'),
    "claims that are no JSON": lambda: by_hand(b"\xff\xfe"),
    "claims with half a letter": lambda: by_hand(b'{"sub": "\\ud800", "exp": 9999999999}'),
    "unsigned with a signature": lambda: by_hand({}, head={"alg": "none"}),
    "unsigned in capitals": lambda: by_hand({}, head={"alg": "NoNe"}),
    "no algorithm": lambda: by_hand({}, head={"typ": "JWT"}),
    "a list of algorithms": lambda: by_hand({}, head={"alg": ["HS256"]}),
    "an extension that is critical": lambda: by_hand({}, head={"alg": "HS256", "crit": ["x"], "x": 1}),
    "a detached payload": lambda: by_hand({}, head={"alg": "HS256", "b64": False, "crit": ["b64"]}),
    "huge": lambda: signed({"sub": "x" * 60_000}),
    "cut": lambda: signed({})[:-2],
    "empty": lambda: "",
    "no token": lambda: "a.b.c",
    "not ASCII": lambda: "\u00e9",
}


def by_hand(claims: Any, head: Any = None, key: bytes = SECRET.encode()) -> str:
    """Signed with the right key, as the library refuses to help; bytes are taken as they are."""
    claims = {"sub": "ana", "exp": int(time.time()) + 60} | claims if isinstance(claims, dict) else claims
    parts = [head or {"alg": "HS256", "typ": "JWT"}, claims]
    said = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    text = b".".join(map(base64url_encode, said))
    return (text + b"." + base64url_encode(hmac.digest(key, text, "sha256"))).decode()


@pytest.mark.parametrize("name", BAD)
async def test_bad_tokens(name: str) -> None:
    with pytest.raises(Unauthenticated):
        await Tokens(settings()).caller(BAD[name]())


async def test_audience_and_issuer_count_when_configured() -> None:
    tokens = Tokens(settings(jwt_audience="posegen", jwt_issuer="shop"))
    assert (await tokens.caller(signed({"aud": "posegen", "iss": "shop"}))).id == "ana"
    for claims in (
        {},
        {"aud": "posegen"},
        {"iss": "shop"},
        {"aud": "other", "iss": "shop"},
        {"aud": "posegen", "iss": "x"},
    ):
        with pytest.raises(Unauthenticated):
            await tokens.caller(signed(claims))


class Issuer:
    """A token issuer's key endpoint, served by a thread."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.asked = 0
        self.broken = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps({"keys": [issuer.jwk(kid, key) for kid, key in issuer.keys.items()]})
                self.send_response(500 if issuer.broken else 200)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"

    @staticmethod
    def jwk(kid: str, key: Any) -> dict[str, Any]:
        kind = (
            jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        )
        return dict(kind.to_jwk(key.public_key(), as_dict=True)) | {"kid": kid}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield issuer
    issuer.server.shutdown()
    thread.join()
    issuer.server.server_close()


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


async def test_both_kinds_of_issuer_keys(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    ec_key = ec.generate_private_key(ec.SECP256R1())
    issuer.keys = {"r": rsa_key, "e": ec_key}
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    by_rsa, by_ec = signed({}, rsa_key, "RS256", kid="r"), signed({}, ec_key, "ES256", kid="e")
    callers = await asyncio.gather(*(tokens.caller(token) for token in [by_rsa, by_ec] * 10))
    assert {caller.id for caller in callers} == {"ana"}
    assert issuer.asked == 1


async def test_the_key_decides_the_algorithm(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    """The public key as an HMAC secret, our own secret, other algorithms of the same key: all refused."""
    issuer.keys = {"r": rsa_key}
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    confused = [
        _hmac_signed(public),
        signed({}, SECRET, "HS256", kid="r"),
        signed({}, rsa_key, "RS512", kid="r"),
        signed({}, rsa_key, "PS256", kid="r"),
    ]
    for token in confused:
        with pytest.raises(Unauthenticated):
            await tokens.caller(token)


TRICKS: dict[str, Any] = {
    "a path": "../../../../dev/null",
    "a query": "r' UNION SELECT 'secret' --",
    "an address": "https://evil.example/keys.json",
    "nothing": "",
    "null": None,
    "a number": 7,
    "a list": ["r"],
    "an object": {"r": 1},
    "endless": "r" * 30_000,
    "half a letter": "\ud800",
}


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_key_id_is_only_looked_up(issuer: Issuer, rsa_key: rsa.RSAPrivateKey, trick: str) -> None:
    issuer.keys = {"r": rsa_key}
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    head = {"alg": "HS256", "kid": TRICKS[trick]}
    for key in (b"", b"secret", SECRET.encode()):
        with pytest.raises(Unauthenticated):
            await tokens.caller(by_hand({}, head, key))


async def test_keys_that_a_token_brings_along_are_not_its_keys(
    issuer: Issuer, rsa_key: rsa.RSAPrivateKey
) -> None:
    """Embedded, or at an address of the forger's, under the id of a key that there is."""
    issuer.keys = {"r": rsa_key}
    forger = Issuer()
    own = rsa.generate_private_key(65537, 2048)
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    for brought in (
        {"jwk": Issuer.jwk("r", own)},
        {"jku": forger.url},
        {"x5u": forger.url},
        {"x5c": ["MII"]},
    ):
        with pytest.raises(Unauthenticated):
            await tokens.caller(signed({}, own, "RS256", kid="r", **brought))
    assert forger.asked == 0
    forger.server.server_close()


def _hmac_signed(key: bytes) -> str:
    return by_hand({}, {"alg": "HS256", "kid": "r"}, key)


async def test_unknown_keys_do_not_hammer_the_issuer(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    issuer.keys = {"r": rsa_key}
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    for n in range(5):
        with pytest.raises(Unauthenticated):
            await tokens.caller(signed({}, rsa_key, "RS256", kid=f"invented{n}"))
    assert issuer.asked == 1


async def test_without_the_issuer_nobody_can_tell(issuer: Issuer, rsa_key: rsa.RSAPrivateKey) -> None:
    issuer.broken = True
    tokens = Tokens(settings(jwt_jwks_url=issuer.url))
    with pytest.raises(Unavailable):
        await tokens.caller(signed({}, rsa_key, "RS256", kid="r"))


def test_a_ticket_opens_one_thing_only() -> None:
    tickets = Tickets(settings())
    caller = Caller("ana", Role.ADMIN)
    ticket = tickets.issue(caller, "gen_1")
    assert tickets.caller(ticket, "gen_1") == caller
    for purpose in ("gen_2", "*", ""):
        with pytest.raises(Unauthenticated):
            tickets.caller(ticket, purpose)


async def test_tickets_and_tokens_are_not_each_other() -> None:
    tickets, tokens = Tickets(settings()), Tokens(settings())
    with pytest.raises(Unauthenticated):
        await tokens.caller(tickets.issue(Caller("ana", Role.USER), "*"))
    with pytest.raises(Unauthenticated):
        tickets.caller(signed({"purpose": "*", "role": "user"}), "*")


def test_a_ticket_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets(settings())
    now = time.time()
    monkeypatch.setattr("api.auth.time.time", lambda: now - 61)
    old = tickets.issue(Caller("ana", Role.USER), "*")
    monkeypatch.undo()
    with pytest.raises(Unauthenticated):
        tickets.caller(old, "*")
