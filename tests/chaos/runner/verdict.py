"""What must be true after any run, whatever happened in it. A violation is told in one sentence."""

from collections.abc import Callable, Iterable
from typing import Final

from tests.chaos.runner.checks import files, orders, provider, streams
from tests.chaos.runner.facts import Facts

Check = Callable[[Facts], Iterable[str]]

CHECKS: Final[dict[str, Check]] = {
    "who asks is answered, and with one key once": orders.answered,
    "what was accepted is in the books at the price told": orders.accepted_are_kept,
    "every generation and every change ended": orders.all_ended,
    "an end never changes": orders.ends_stay,
    "only the provider makes pictures fail": orders.failures_are_explained,
    "the books agree": orders.books_agree,
    "every delivered picture is there, whole": files.delivered_are_whole,
    "every ordered format is there": files.formats_are_complete,
    "no file belongs to nothing": files.nothing_is_left_over,
    "submissions stay within the bound": provider.paid_within_the_bound,
    "nothing is submitted twice without a reason": provider.repeats_have_a_reason,
    "streams have no gap and no repeat": streams.streams_are_gapless,
}


def violations(facts: Facts) -> list[str]:
    return [f"{name}: {each}" for name, check in CHECKS.items() for each in check(facts)]
