"""Whoever holds a valid token is a user: their row is made at first sight."""

import time

from api.auth import Caller
from schema.database import Database
from schema.queries import users

REMEMBERED_S = 60.0
MAX_REMEMBERED = 10_000


class Acquaintances:
    """Remembers for a while whom it met, so that most requests ask the database nothing."""

    def __init__(self, database: Database, signup_credits: int) -> None:
        self._database = database
        self._signup_credits = signup_credits
        self._met_s: dict[Caller, float] = {}

    async def meet(self, caller: Caller) -> None:
        if time.monotonic() - self._met_s.get(caller, float("-inf")) < REMEMBERED_S:
            return
        async with self._database.transaction() as session:
            await users.ensure(session, caller.id, caller.role, self._signup_credits)
        if len(self._met_s) >= MAX_REMEMBERED:
            self._met_s.clear()
        self._met_s[caller] = time.monotonic()
