"""When to ask again for a picture that is not there yet. Asking costs both sides more than all the rest."""

import math
import time
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]

EARLY = 0.95
"""The first look comes a little before the usual time."""


class Pace:
    """Waits the usual time first; then asks often while a picture may come any moment, then less and less."""

    SHORTEST_S = 0.1
    LONGEST_S = 1.0

    def __init__(self, sleep: Sleep, usual_s: float = 0.0, waited_s: float = 0.0) -> None:
        self._sleep = sleep
        self._usual_s = usual_s
        self._paused = False
        self.waited_s = waited_s

    @property
    def took_s(self) -> float:
        """0 when it was there before anybody waited here. What is there at the first look after the usual
        time may have been there long before.
        """
        if not self._paused:
            return 0.0
        at_the_first_look = math.isclose(self.waited_s, EARLY * self._usual_s)
        return self.waited_s / 2 if at_the_first_look else self.waited_s

    async def before_the_first_look(self) -> None:
        if self.waited_s < EARLY * self._usual_s:
            await self.pause()

    async def pause(self, told_s: float | None = None) -> None:
        interval_s = max(self._interval_s(), told_s or 0)
        self.waited_s += interval_s
        self._paused = True
        await self._sleep(interval_s)

    def _interval_s(self) -> float:
        if self.waited_s < EARLY * self._usual_s:
            return EARLY * self._usual_s - self.waited_s
        shortest_s = min(self._usual_s / 20, self.SHORTEST_S) or self.SHORTEST_S
        return min(max((self.waited_s - self._usual_s) / 10, shortest_s), self.LONGEST_S)


class Experience:
    """How long pictures usually take, learned from those that came."""

    def __init__(self) -> None:
        self.usual_s = 0.0

    async def first_look(self, sleep: Sleep, begun_at: float | None) -> Pace:
        """Returns when it is due, with the pace of those that follow. Before its usual time there is no
        picture to see; where nobody knows when it was begun, it may be there already.
        """
        if begun_at is None:
            return Pace(sleep, self.usual_s)
        pace = Pace(sleep, self.usual_s, max(time.time() - begun_at, 0.0))
        await pace.before_the_first_look()
        return pace

    def learn(self, took_s: float) -> None:
        if took_s <= 0:
            return
        self.usual_s = 0.8 * self.usual_s + 0.2 * took_s if self.usual_s else took_s
