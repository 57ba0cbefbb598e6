"""Links that open something by themselves leave no copy of their secret in the logs."""

import logging

import httpx
import pytest

from api.app import PREFIX
from api.discretion import discreet

SECRET = "bERlp--Lk0FbuRTVBkgJHM9yIjeTjdVj"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"/shared/{SECRET}", "/shared/…"),
        (f"{PREFIX}/shared/{SECRET}?x=1", f"{PREFIX}/shared/…?x=1"),
        (
            f"/generations/g/events?lastEventId=3&ticket={SECRET}",
            "/generations/g/events?lastEventId=3&ticket=…",
        ),
        (f"/files/a/b.png?exp=1&sig={SECRET}&dl=a.png", "/files/a/b.png?exp=1&sig=…&dl=a.png"),
        ("/generations/gen_1/shares", "/generations/gen_1/shares"),
        ("/library?search=ticket", "/library?search=ticket"),
    ],
)
def test_only_the_secret_is_left_out(address: str, said: str) -> None:
    assert discreet(address) == said


async def test_the_access_log_keeps_no_secret(base_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.access")
    asked = (f"/shared/{SECRET}", f"{PREFIX}/shared/{SECRET}", f"{PREFIX}/events?ticket={SECRET}")
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as anyone:
        for path in asked:
            await anyone.get(path)
    said = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert len(said) == len(asked)
    assert SECRET not in "".join(said)
