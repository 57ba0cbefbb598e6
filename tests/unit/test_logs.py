"""A line of the log: what it holds, in both forms, and what it never holds."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from schema.settings import Settings
from telemetry import context, logs
from telemetry.discretion import Discretion, discreet
from telemetry.logs import FIELDS, Json, Text

SECRET = "bERlp--Lk0FbuRTVBkgJHM9yIjeTjdVj"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"


def record(message: str = "it happened", *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("api.app", logging.WARNING, __file__, 1, message, args, None)
    made.__dict__.update(extra)
    return made


def written(made: logging.LogRecord, *secrets: str) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(Json(Discretion(secrets)).format(made))
    return line


def test_a_line_says_what_is_known_of_the_work() -> None:
    with context.bound({"request_id": "req-1", "user": "ann"}):
        context.bind({"generation": "gen_1", "item": None})
        line = written(record("%d of %d", 3, 4, **{FIELDS: {"status": 202}}))
    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "api.app",
        "message": "3 of 4",
        "request_id": "req-1",
        "user": "ann",
        "generation": "gen_1",
        "status": 202,
    }
    assert context.known() == {}


async def test_what_one_task_knows_no_other_does() -> None:
    async def work(user: str) -> Any:
        context.bind({"user": user})
        await asyncio.sleep(0)
        return written(record())["user"]

    assert sorted(await asyncio.gather(work("ann"), work("bob"))) == ["ann", "bob"]
    assert "user" not in written(record())


def test_the_sdks_own_lines_have_its_ids_as_fields() -> None:
    details = {"activity_id": "7", "activity_type": "store_item", "workflow_id": "gen_1", "attempt": 2}
    line = written(record("Completing activity as failed ({'activity_id': '7'})", temporal_activity=details))
    assert line["message"] == "Completing activity as failed"
    assert {name: line[name] for name in ("activity", "activity_id", "workflow_id", "attempt")} == {
        "activity": "store_item",
        "activity_id": "7",
        "workflow_id": "gen_1",
        "attempt": 2,
    }


def test_an_exception_is_a_field_of_its_line() -> None:
    made = record()
    try:
        int(f"no way with {SECRET}")
    except ValueError as error:
        made.exc_info = (ValueError, error, error.__traceback__)
    exception = str(written(made, SECRET)["exception"])
    assert exception.startswith("Traceback")
    assert exception.endswith("'no way with …'")


def test_text_says_the_same_for_people() -> None:
    with context.bound({"user": "ann"}):
        text = Text(Discretion()).format(record("hello", **{FIELDS: {"status": 202}}))
    assert text.partition(" ")[2] == "WARNING api.app hello user=ann status=202"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"GET /shared/{SECRET}/x", "GET /shared/…/x"),
        (f"https://s3/b/k.png?X-Amz-Date=1&X-Amz-Signature={SECRET}&x=1", "X-Amz-Signature=…&x=1"),
        (f"/#token={JWT}", "/#token=…"),
        (f"refused {JWT}!", "refused eyJ…!"),
        (f"{{'authorization': 'Bearer {SECRET}1'}}", "{'authorization': 'Bearer …'}"),
        (f"'Key 1234:{SECRET}'", "'Key …'"),
        (f"whsec_{SECRET}", "whsec_…"),
        ("postgresql://posegen:hunter2@db/posegen", "postgresql://…@db/posegen"),
        ("DETAIL:  Failing row contains (1, in a batik shirt, (2)).", "contains (…)."),
        ("[type=int, input_value='in a batik shirt', input_type=str]", "input_value=…, input_type=str"),
    ],
)
def test_secrets_and_users_words_are_left_out_by_their_form(said: str, kept: str) -> None:
    assert kept in discreet(said)
    for secret in (SECRET, JWT, "hunter2", "batik"):
        assert secret not in discreet(said)


@pytest.mark.parametrize(
    "said",
    [
        "Key (idempotency_key)=(charge:gen_1) already exists",
        "Bearer tokens are asked for",
        "/library?search=ticket",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert discreet(said) == said


def test_configured_secrets_are_left_out_by_value_also_in_fields() -> None:
    line = written(
        record("with fal-key-of-ours", **{FIELDS: {"route": "fal-key-of-ours"}}), "fal-key-of-ours"
    )
    assert (line["message"], line["route"]) == ("with …", "…")


@pytest.fixture
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    levels = {name: logging.getLogger(name).level for name in logs.TALKATIVE}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("_as_before")
def test_libraries_speak_in_our_form_and_tell_no_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    logs.install("json", "DEBUG", [])
    logging.getLogger("uvicorn.error").info("Started")
    logging.getLogger("httpx").info("HTTP Request: GET https://s3/b?X-Amz-Credential=a/b/c")
    logging.getLogger("temporalio.worker").debug("Completing activity with completion: all of it")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["logger"], line["message"]) for line in lines] == [("uvicorn.error", "Started")]


def test_every_secret_setting_is_left_out_and_keys_without_their_names_too() -> None:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    settings = Settings(
        _env_file=None, fal_key=SecretStr("id:of-fal-12345"), payload_keys=SecretStr(f"k1:{key}")
    )
    line = written(record(f"{key} of-fal-12345 {settings.jwt_secret.get_secret_value()}"), *settings.secrets)
    assert line["message"] == "… … …"


def test_nobody_writes_a_line_in_our_name() -> None:
    forged = "2026-11-26T00:00:00.000 ERROR api.app all is lost"
    with context.bound({"user": f"ann\n{forged}"}):
        line = Text(Discretion()).format(record("said %s", f"x\r\n{forged}\x1b[2J\u2028{forged}\x9b"))
    assert line.splitlines() == [line]
    assert "\x1b" not in line
    assert "\\n2026" in line, "it is told, only not obeyed"


def test_what_stands_in_an_ids_place_is_told_only_if_it_may_be_one() -> None:
    for forged in ("gen_1\n2026 ERROR", "gen_1\x1b[2J", "x" * 300, 7):
        assert context.places({"generation_id": forged}) == {}
    assert context.places({"generation_id": "gen_1", "pose_id": "p"}) == {"generation": "gen_1"}
