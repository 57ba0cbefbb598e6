"""What a run of chaos does and suffers: plain data, and a pure function of its seed.

Two runs of one seed differ only in the machine's timing.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from simulator.faults.outcomes import OUTCOMES
from simulator.faults.replies import REPLIES
from tests.chaos.runner.blows import BLOWS, Blow

T = TypeVar("T")

ORDER_EVERY_S, BLOW_EVERY_S, MISCHIEF_EVERY_S = 4.0, 6.0, 2.5
CALM_SHARE: Final = 0.1
"""Of the time, at its beginning and at its end, in which nothing is struck."""
FORMATS: Final = ("instagram_feed", "twitter_post", "web", "original")
"""Some that cost little."""
Provider = Literal["fal", "huggingface", "comfyui"]
QUEUE: Final = ("submit", "status", "result", "file", "cancel")
STAGES: Final[dict[Provider, tuple[str, ...]]] = {
    "fal": QUEUE,
    "huggingface": QUEUE,
    "comfyui": (*QUEUE, "upload"),
}
"""Where each protocol can go wrong, as the simulator plays it."""
SLOW: Final = frozenset({("silence", "submit")})
"""A client waits a minute for these: only where there is time."""
TIME_FOR_SLOW_MINUTES: Final = 3

Customer = Literal["ani", "budi", "citra", "dewi"]
CUSTOMERS: Final[tuple[Customer, ...]] = ("ani", "budi", "citra", "dewi")


@dataclass(frozen=True)
class Control:
    action: Literal["cancel", "pause"]
    after_items: int
    for_s: float = 0
    """How long it stays paused."""


@dataclass(frozen=True)
class Order:
    at_s: float
    customer: Customer
    seed: int
    """No two orders share one, so that each submission can be told apart."""
    first_pose: int
    poses: int
    variations: int
    in_words: bool
    formats: tuple[str, ...]
    background: Literal["solid_color", "ai_generate"] | None
    keyed: bool
    repeats: int
    """How often more the same request is sent at once; only with a key."""
    control: Control | None
    hang_ups: tuple[int, ...]
    """After so many events the watcher hangs up and comes back; once for each number."""
    afterwards: tuple[Literal["retry", "export", "background"], ...]


@dataclass(frozen=True)
class Mischief:
    """Of the provider."""

    at_s: float
    kind: str
    stage: str
    count: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    seed: int
    minutes: float
    provider: Provider
    orders: tuple[Order, ...] = field(repr=False)
    blows: tuple[Blow, ...] = field(repr=False)
    mischief: tuple[Mischief, ...] = field(repr=False)


def drawn(seed: int, minutes: float, workers: int, provider: Provider = "fal") -> Plan:
    dice = random.Random(seed)
    span_s = 60 * minutes
    calm_s = CALM_SHARE * span_s
    numbers = itertools.count()
    blows, mischief = _dealt(dice, sorted(BLOWS)), _dealt(dice, misdeeds(minutes, provider))
    return Plan(
        seed=seed,
        minutes=minutes,
        provider=provider,
        orders=tuple(_order(dice, at, next(numbers)) for at in _moments(dice, 0, span_s, ORDER_EVERY_S)),
        blows=tuple(
            Blow(at, next(blows), dice.uniform(6.5, 9), dice.randint(1, workers))
            for at in _moments(dice, calm_s, span_s - calm_s, BLOW_EVERY_S)
        ),
        mischief=tuple(
            Mischief(at, *next(mischief), count=dice.choice((1, 1, 2, 3)), seconds=dice.uniform(0.02, 2))
            for at in _moments(dice, 0, span_s - calm_s, MISCHIEF_EVERY_S)
        ),
    )


def misdeeds(minutes: float, provider: Provider = "fal") -> list[tuple[str, str]]:
    """Every way in which the simulator can misbehave, wherever that applies."""
    stages = STAGES[provider]
    replies = [(kind, stage) for kind, reply in REPLIES.items() for stage in stages if stage in reply.stages]
    every = sorted([*replies, *((kind, "run") for kind in OUTCOMES)])
    return [each for each in every if each not in SLOW or minutes >= TIME_FOR_SLOW_MINUTES]


def _moments(dice: random.Random, first_s: float, last_s: float, every_s: float) -> Iterator[float]:
    """About so often, and never twice in the same share of the time."""
    for place in range(max(1, round((last_s - first_s) / every_s))):
        yield round(min(last_s, first_s + every_s * (place + dice.random())), 2)


def _dealt(dice: random.Random, cards: Sequence[T]) -> Iterator[T]:
    """All of them in some order, then all again in another: none is left out for long."""
    while True:
        yield from dice.sample(cards, len(cards))


def _order(dice: random.Random, at_s: float, number: int) -> Order:
    poses, variations = dice.choice((1, 1, 2, 3, 4, 6, 12)), dice.choice((1, 1, 2))
    keyed = dice.random() < 0.8
    return Order(
        at_s=at_s,
        customer=dice.choice(CUSTOMERS),
        seed=dice.randrange(2**15) << 16 | number,
        first_pose=dice.randrange(100),
        poses=poses,
        variations=variations,
        in_words=dice.random() < 0.2,
        formats=tuple(dice.sample(FORMATS, dice.choice((0, 0, 1, 2)))),
        background=dice.choice((None, None, None, None, "solid_color", "ai_generate")),
        keyed=keyed,
        repeats=dice.choice((0, 0, 1, 4)) if keyed else 0,
        control=_control(dice, poses * variations),
        hang_ups=tuple(dice.randint(1, 8) for _ in range(dice.choice((0, 1, 3)))),
        afterwards=tuple(dice.sample(("retry", "export", "background"), dice.choice((0, 1, 2)))),
    )


def _control(dice: random.Random, items: int) -> Control | None:
    action: Literal["cancel", "pause"] | None = dice.choice((None, None, None, "cancel", "pause"))
    if action is None:
        return None
    return Control(action, dice.randint(0, max(0, items - 1)), round(dice.uniform(0.2, 6), 2))
