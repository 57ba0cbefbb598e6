"""Who may come in: the bearer of the key, or anybody where none is set."""

import secrets

from fastapi import Request

from simulator.faults.wording import Refusal, Refused, Wording
from simulator.settings import SimulatorSettings


def check_bearer(request: Request, settings: SimulatorSettings, wording: Wording) -> None:
    expected = f"Bearer {settings.key.get_secret_value()}" if settings.key else ""
    given = request.headers.get("authorization", "")
    if expected and not secrets.compare_digest(given.encode(), expected.encode()):
        raise Refused(wording(Refusal(401, "Invalid credentials in Authorization header")))
