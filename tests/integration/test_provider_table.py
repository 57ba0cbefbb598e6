"""Each way a provider fails ends as the table of retries and refunds says, and the books agree after each."""

from typing import Any

import pytest

from schema import ids
from schema.kinds import GenerationStatus, ItemStatus
from tests.integration.shop import Shop
from workflows import worker

ITEMS = 3
PRICE = 30
SICK = ids.item_seed(7, 1)
"""The seed of the item that the fault is for: the one in the middle."""
SICK_AGAIN = ids.item_seed(7, 1, 1)

PASSING = [
    {"kind": "rate_limited", "seconds": 1},
    {"kind": "rate_limited_silently"},
    {"kind": "loading", "seconds": 1},
    {"kind": "error_408"},
    {"kind": "error_500"},
    {"kind": "error_502"},
    {"kind": "error_503"},
    {"kind": "error_504"},
    {"kind": "reset"},
    {"kind": "cut"},
    {"kind": "reset", "stage": "status"},
    {"kind": "error_500", "stage": "status", "count": 3},
    {"kind": "rate_limited", "stage": "status", "seconds": 1},
    {"kind": "reset", "stage": "file"},
    {"kind": "cut_halfway", "stage": "file"},
    {"kind": "error_503", "stage": "file", "count": 2},
    {"kind": "failed_500"},
    {"kind": "failed_503"},
    {"kind": "failed_quietly"},
    {"kind": "gateway_503"},
    {"kind": "never_ends"},
    {"kind": "garbage"},
    {"kind": "truncated"},
    {"kind": "wrong_size"},
    {"kind": "too_large"},
    {"kind": "black"},
    {"kind": "black_flagged"},
    {"kind": "flagged"},
    {"kind": "html", "stage": "file"},
    {"kind": "drip", "stage": "file", "seconds": 0.5},
]

FATAL = [
    ({"kind": "error_422"}, "PROVIDER_REJECTED"),
    ({"kind": "not_found"}, "PROVIDER_REJECTED"),
    ({"kind": "gone"}, "PROVIDER_REJECTED"),
    ({"kind": "failed_422"}, "PROVIDER_REJECTED"),
    ({"kind": "moderated"}, "INAPPROPRIATE_PROMPT"),
    ({"kind": "foreign_picture_url"}, "PROVIDER_REJECTED"),
]

LASTING = [
    ({"kind": "garbage"}, "BAD_IMAGE"),
    ({"kind": "truncated"}, "BAD_IMAGE"),
    ({"kind": "wrong_size"}, "BAD_IMAGE"),
    ({"kind": "black"}, "OUTPUT_MODERATED"),
    ({"kind": "black_flagged"}, "OUTPUT_MODERATED"),
    ({"kind": "no_media"}, "OUTPUT_MODERATED"),
]


def named(rule: dict[str, Any] | str) -> str:
    if isinstance(rule, str):
        return rule
    return "-".join(str(value) for name, value in rule.items() if name in {"kind", "stage"})


def for_the_sick(rule: dict[str, Any]) -> dict[str, Any]:
    return {"match": {"seeds": [SICK, SICK_AGAIN]}, **rule}


@pytest.mark.parametrize("rule", PASSING, ids=named)
async def test_what_passes_is_waited_out_and_delivered(open_shop: Shop, rule: dict[str, Any]) -> None:
    await open_shop.faults(for_the_sick(rule))
    generation = await open_shop.start(await open_shop.order(ITEMS))
    progress = await open_shop.settled(generation)
    assert (progress.status, progress.completed) == (GenerationStatus.COMPLETED, ITEMS)
    assert progress.credits_refunded == 0
    hits = (await open_shop.sim.get("/_sim/faults")).json()[0]["hits"]
    assert hits == rule.get("count", 1), "the fault was met"
    await open_shop.books_agree()


@pytest.mark.parametrize(("rule", "code"), FATAL, ids=named)
async def test_what_is_refused_is_refunded_without_another_try(
    open_shop: Shop, rule: dict[str, Any], code: str
) -> None:
    await open_shop.faults(for_the_sick(rule) | {"count": None})
    generation = await open_shop.start(await open_shop.order(ITEMS))
    progress = await open_shop.settled(generation)
    assert (progress.status, progress.completed, progress.failed) == (GenerationStatus.PARTIAL, ITEMS - 1, 1)
    assert progress.credits_refunded == PRICE
    sick = (await open_shop.items(generation))[1]
    assert (sick.status, sick.error_code, sick.credit_refunded) == (ItemStatus.FAILED, code, PRICE)
    assert (await open_shop.sim.get("/_sim/faults")).json()[0]["hits"] == 1
    await open_shop.books_agree()


@pytest.mark.parametrize(("rule", "code"), LASTING, ids=named)
async def test_a_spoilt_picture_gets_one_other_seed_then_the_refund(
    open_shop: Shop, rule: dict[str, Any], code: str
) -> None:
    await open_shop.faults(for_the_sick(rule) | {"count": None})
    generation = await open_shop.start(await open_shop.order(ITEMS))
    progress = await open_shop.settled(generation)
    assert (progress.completed, progress.credits_refunded) == (ITEMS - 1, PRICE)
    assert (await open_shop.items(generation))[1].error_code == code
    seeds = [entry["seed"] for entry in await open_shop.submissions()]
    assert [seed for seed in seeds if seed in {SICK, SICK_AGAIN}] == [SICK, SICK_AGAIN]
    await open_shop.books_agree()


@pytest.mark.parametrize("kind", ["locked", "unauthorized"])
async def test_an_account_out_of_order_stops_the_batch_and_refunds_it(open_shop: Shop, kind: str) -> None:
    await open_shop.faults({"kind": kind, "count": None})
    order = await open_shop.order(20, variations=2, parallelism=2)
    progress = await open_shop.settled(await open_shop.start(order))
    assert (progress.status, progress.completed) == (GenerationStatus.FAILED, 0)
    assert progress.credits_refunded == progress.credits_charged == 20 * PRICE
    items = await open_shop.items(order.generation_id)
    assert {item.error_code for item in items} == {"PROVIDER_ACCOUNT"}
    hits = (await open_shop.sim.get("/_sim/faults")).json()[0]["hits"]
    assert hits < 6, "calls that must fail are not made"
    await open_shop.books_agree()


async def test_an_outage_that_lasts_ends_with_refunds_after_bounded_tries(shop: Shop) -> None:
    hasty = shop.settings.model_copy(update={"flux_max_failures": 2})
    await shop.faults({"kind": "error_500", "count": None})
    async with worker.serving(hasty, shop.temporal):
        progress = await shop.settled(await shop.start(await shop.order(2)))
    assert progress.credits_refunded == 2 * PRICE
    assert {item.error_code for item in await shop.items(progress.generation_id)} == {"PROVIDER_UNAVAILABLE"}
    assert (await shop.sim.get("/_sim/faults")).json()[0]["hits"] == 4
    await shop.books_agree()


async def test_waiting_out_429_does_not_use_up_the_item(shop: Shop) -> None:
    strict = shop.settings.model_copy(update={"flux_max_failures": 1})
    await shop.faults({"kind": "rate_limited", "seconds": 0.2, "count": 8, "match": {"seeds": [SICK]}})
    async with worker.serving(strict, shop.temporal):
        progress = await shop.settled(await shop.start(await shop.order(ITEMS)))
    assert progress.status is GenerationStatus.COMPLETED
    await shop.books_agree()


async def test_an_unclear_submit_is_repeated_once_and_no_more(open_shop: Shop) -> None:
    await open_shop.faults(for_the_sick({"kind": "cut", "count": None}))
    progress = await open_shop.settled(await open_shop.start(await open_shop.order(ITEMS)))
    assert (progress.completed, progress.credits_refunded) == (ITEMS - 1, PRICE)
    assert [entry["seed"] for entry in await open_shop.submissions()].count(SICK) == 2
    await open_shop.books_agree()
