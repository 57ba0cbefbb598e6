"""The codec server opens payloads for admins and for the UI's secret address, and for nobody else."""

from base64 import b64encode
from collections.abc import AsyncIterator

import httpx
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import SecretStr, ValidationError
from temporalio.api.common.v1 import Payload, Payloads

from api.codec_server import BODY_LIMIT_BYTES, create_codec_app
from cli.token import mint
from schema.errors import Misconfigured
from schema.kinds import Role
from schema.settings import Settings
from workflows.codec import codec, is_sealed

OLD, NEW = (f"{name}:{b64encode(letter * 32).decode()}" for name, letter in (("old", b"o"), ("new", b"n")))
SECRET = "the part of the address that is a secret"
UI = "https://temporal.example.com"
SETTINGS = Settings(
    _env_file=None,
    payload_keys=SecretStr(f"{NEW},{OLD}"),
    codec_secret=SecretStr(SECRET),
    temporal_ui_url=f"{UI}/ui",
)
CLEAR = Payload(metadata={"encoding": b"json/plain"}, data=b'"a canary"')
ADMIN = {"Authorization": f"Bearer {mint(SETTINGS, 'root', role=Role.ADMIN)}"}


def sealed_by(keys: str) -> Payload:
    ring = codec(SETTINGS.model_copy(update={"payload_keys": SecretStr(keys)}))
    assert ring
    return ring.sealed(CLEAR)


def body(*payloads: Payload) -> dict[str, object]:
    made: dict[str, object] = MessageToDict(Payloads(payloads=payloads))
    return made


def answered(reply: httpx.Response) -> list[Payload]:
    assert reply.status_code == 200, reply.text
    return list(ParseDict(reply.json(), Payloads()).payloads)


@pytest.fixture
async def server() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_codec_app(SETTINGS))
    async with httpx.AsyncClient(transport=transport, base_url="http://codec") as client:
        yield client


async def test_an_admin_sees_payloads_of_every_key_and_what_was_never_sealed(
    server: httpx.AsyncClient,
) -> None:
    reply = await server.post("/decode", json=body(sealed_by(OLD), sealed_by(NEW), CLEAR), headers=ADMIN)
    assert answered(reply) == [CLEAR] * 3


async def test_the_secret_address_needs_no_token(server: httpx.AsyncClient) -> None:
    assert answered(await server.post(f"/{SECRET}/decode", json=body(sealed_by(OLD)))) == [CLEAR]


async def test_what_no_key_opens_hides_nothing_else(server: httpx.AsyncClient) -> None:
    lost = sealed_by("gone:" + b64encode(b"g" * 32).decode())
    forged = Payload.FromString(sealed_by(NEW).SerializeToString())
    forged.metadata["encryption-key-id"] = b"old"
    reply = await server.post("/decode", json=body(lost, forged, sealed_by(OLD)), headers=ADMIN)
    assert answered(reply) == [lost, forged, CLEAR]


async def test_what_the_ui_sends_is_sealed_with_the_first_key(server: httpx.AsyncClient) -> None:
    [sent] = answered(await server.post("/encode", json=body(CLEAR), headers=ADMIN))
    assert is_sealed(sent)
    assert sent.metadata["encryption-key-id"] == b"new"
    assert answered(await server.post("/decode", json=body(sent), headers=ADMIN)) == [CLEAR]


@pytest.mark.parametrize("work", ["decode", "encode"])
@pytest.mark.parametrize(
    ("prefix", "token", "status"),
    [
        ("", None, 401),
        ("", "not a token", 401),
        ("", mint(SETTINGS, "ann"), 403),
        (
            "",
            mint(SETTINGS.model_copy(update={"jwt_secret": SecretStr("x" * 40)}), "a", role=Role.ADMIN),
            401,
        ),
        ("", SECRET, 401),
        ("/" + SECRET[:-1], None, 401),
        ("/anything", mint(SETTINGS, "root", role=Role.ADMIN), 401),
    ],
)
async def test_strangers_are_refused(
    work: str, prefix: str, token: str | None, status: int, server: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    reply = await server.post(f"{prefix}/{work}", json=body(sealed_by(OLD)), headers=headers)
    assert (reply.status_code, reply.json()["error"]["statusCode"]) == (status, status)
    assert "canary" not in reply.text


async def test_without_a_secret_no_address_stands_for_a_token() -> None:
    app = create_codec_app(SETTINGS.model_copy(update={"codec_secret": None}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://codec") as client:
        for guess in ("None", SECRET):
            assert (await client.post(f"/{guess}/decode", json=body(CLEAR))).status_code == 401


@pytest.mark.parametrize(
    ("ui", "origin", "allowed"),
    [
        (UI, UI, True),
        (UI, "https://temporal.example.com.evil.test", False),
        (UI, "https://temporalXexample.com", False),
        (UI, "http://127.0.0.1:8233", False),
        ("http://127.0.0.1:8233", "http://localhost:9000", True),
        ("http://127.0.0.1:8233", "http://127.0.0.1.evil.test:8233", False),
        ("http://127.0.0.1:8233", "null", False),
    ],
)
async def test_only_pages_of_the_ui_may_read_answers(ui: str, origin: str, *, allowed: bool) -> None:
    app = create_codec_app(SETTINGS.model_copy(update={"temporal_ui_url": ui}))
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://codec") as client:
        reply = await client.options("/decode", headers=asks)
    assert reply.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert (reply.status_code == 200) is allowed


async def test_bodies_that_are_none_or_too_large_are_refused(server: httpx.AsyncClient) -> None:
    assert (await server.post("/decode", content=b"no JSON", headers=ADMIN)).status_code == 400
    large = b" " * (BODY_LIMIT_BYTES + 1)
    assert (await server.post("/decode", content=large, headers=ADMIN)).status_code == 413


def test_without_keys_there_is_nothing_to_serve() -> None:
    with pytest.raises(Misconfigured, match="PAYLOAD_KEYS"):
        create_codec_app(SETTINGS.model_copy(update={"payload_keys": None}))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("nokey", "id:base64"),
        (":" + OLD, "id:base64"),
        ("a:" + b64encode(b"short").decode(), "the key a is not 32 bytes"),
        ("a:$$$", "the key a is not 32 bytes"),
        (f"{OLD},{OLD}", "the id old is given to two keys"),
    ],
)
def test_keys_that_are_none_stop_the_start_and_are_not_told(keys: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, payload_keys=SecretStr(keys))
    [problem] = refused.value.errors()
    assert said in problem["msg"]
    assert keys.partition(":")[2] not in problem["msg"] or not keys.partition(":")[2]
