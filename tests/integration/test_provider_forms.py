"""Each way a provider fails ends as the table of retries and refunds says, and the books agree after each.

Whole generations by every provider: each item meets a trouble of its own, all at the same time.
"""

from collections import Counter
from typing import Any

import pytest

from imaging import library, pose_words
from schema import ids
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.orders import GenerationInput
from tests.integration.shop import Shop
from tests.servers.providers import BLOCKING, COMFYUI, FAL, FORMS, HF_FAL, HF_INFERENCE, HF_QUEUE
from workflows import worker

PRICE = 30
Rules = list[dict[str, Any]]

EVERYWHERE: Rules = [
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
    {"kind": "cut_halfway", "stage": "submit"},
    {"kind": "failed_500"},
    {"kind": "failed_503"},
    {"kind": "out_of_memory"},
    {"kind": "garbage"},
    {"kind": "truncated"},
    {"kind": "wrong_size"},
    {"kind": "too_large"},
    {"kind": "black"},
]
PASSING: dict[str, Rules] = {
    FAL: [
        {"kind": "black_flagged"},
        {"kind": "flagged"},
        {"kind": "never_ends"},
        {"kind": "failed_quietly"},
        {"kind": "gateway_503"},
        {"kind": "reset", "stage": "status"},
        {"kind": "error_500", "stage": "status", "count": 3},
        {"kind": "rate_limited", "stage": "status", "seconds": 1},
        {"kind": "reset", "stage": "file"},
        {"kind": "cut_halfway", "stage": "file"},
        {"kind": "error_503", "stage": "file", "count": 2},
        {"kind": "html", "stage": "file"},
        {"kind": "drip", "stage": "file", "seconds": 0.5},
    ],
    HF_QUEUE: [
        {"kind": "black_flagged"},
        {"kind": "never_ends"},
        {"kind": "reset", "stage": "status"},
        {"kind": "error_500", "stage": "status"},
        {"kind": "cut_halfway", "stage": "file"},
    ],
    HF_FAL: [
        {"kind": "black_flagged"},
        {"kind": "silence", "stage": "submit"},
        {"kind": "error_503", "stage": "file"},
    ],
    HF_INFERENCE: [{"kind": "never_ends"}, {"kind": "drip", "stage": "submit", "seconds": 1}],
    COMFYUI: [
        {"kind": "never_ends"},
        {"kind": "reset", "stage": "status"},
        {"kind": "error_502", "stage": "status"},
        {"kind": "cut_halfway", "stage": "file"},
        {"kind": "error_500", "stage": "upload", "match": {}},
    ],
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "error_400"}, "PROVIDER_REJECTED"),
    ({"kind": "error_422"}, "PROVIDER_REJECTED"),
    ({"kind": "not_found"}, "PROVIDER_REJECTED"),
    ({"kind": "gone"}, "PROVIDER_REJECTED"),
    ({"kind": "failed_422"}, "PROVIDER_REJECTED"),
]
SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"kind": "garbage"}, "BAD_IMAGE"),
    ({"kind": "truncated"}, "BAD_IMAGE"),
    ({"kind": "wrong_size"}, "BAD_IMAGE"),
    ({"kind": "black"}, "OUTPUT_MODERATED"),
]
MODERATED = ({"kind": "moderated"}, "INAPPROPRIATE_PROMPT")
LASTING: dict[str, list[tuple[dict[str, Any], str]]] = {
    FAL: [
        MODERATED,
        ({"kind": "foreign_picture_url"}, "PROVIDER_REJECTED"),
        ({"kind": "black_flagged"}, "OUTPUT_MODERATED"),
        ({"kind": "no_media"}, "OUTPUT_MODERATED"),
    ],
    HF_QUEUE: [MODERATED],
    HF_FAL: [MODERATED],
    HF_INFERENCE: [],
    COMFYUI: [],
}


def seeds(index: int) -> list[int]:
    return [ids.item_seed(7, index), ids.item_seed(7, index, 1)]


def of_items(rules: Rules, count: int | None) -> Rules:
    """The n-th rule is for the n-th item alone."""
    return [{"count": count, "match": {"seeds": seeds(n)}, **rule} for n, rule in enumerate(rules)]


async def hits(shop: Shop) -> list[int]:
    return [rule["hits"] for rule in (await shop.sim.get("/_sim/faults")).json()]


async def tries(shop: Shop, order: GenerationInput) -> list[int]:
    """How often each item was accepted by the provider, and so perhaps paid for."""
    log = Counter(entry["seed"] for entry in await shop.submissions())
    return [sum(log[seed] for seed in seeds(index)) for index in range(order.total_items)]


@pytest.mark.parametrize("provider_form", FORMS, indirect=True)
async def test_what_passes_is_waited_out_and_delivered(open_shop: Shop, provider_form: str) -> None:
    rules = [*EVERYWHERE, *PASSING[provider_form]]
    await open_shop.faults(*of_items(rules, 1))
    order = await open_shop.order(len(rules), parallelism=12)
    progress = await open_shop.settled(await open_shop.start(order), within_s=100)
    assert (progress.status, progress.completed) == (GenerationStatus.COMPLETED, len(rules))
    assert progress.credits_refunded == 0
    met = dict(zip(map(str, rules), await hits(open_shop), strict=True))
    assert met == {str(rule): rule.get("count", 1) for rule in rules}
    lost_answer = rules.index({"kind": "cut"})
    assert (await tries(open_shop, order))[lost_answer] == (1 if provider_form == COMFYUI else 2)
    await open_shop.books_agree()


@pytest.mark.parametrize("provider_form", FORMS, indirect=True)
async def test_what_lasts_is_refunded_under_its_code(open_shop: Shop, provider_form: str) -> None:
    cases = [*REFUSED, *SPOILT, *LASTING[provider_form]]
    await open_shop.faults(*of_items([rule for rule, _ in cases], None))
    order = await open_shop.order(len(cases) + 1)
    progress = await open_shop.settled(await open_shop.start(order))
    assert (progress.status, progress.completed) == (GenerationStatus.PARTIAL, 1)
    assert progress.credits_refunded == PRICE * len(cases)
    items = await open_shop.items(order.generation_id)
    assert [item.error_code for item in items] == [*(code for _, code in cases), None]
    once, twice = len(REFUSED), len(REFUSED) + len(SPOILT)
    assert (await hits(open_shop))[:twice] == [1] * once + [2] * len(SPOILT)
    await open_shop.books_agree()


@pytest.mark.parametrize("provider_form", [FAL, *BLOCKING], indirect=True)
async def test_a_submit_whose_answer_is_lost_again_is_not_sent_a_third_time(open_shop: Shop) -> None:
    await open_shop.faults(*of_items([{"kind": "cut"}], None))
    order = await open_shop.order(2)
    progress = await open_shop.settled(await open_shop.start(order))
    assert (progress.completed, progress.credits_refunded) == (1, PRICE)
    assert await tries(open_shop, order) == [2, 1]
    await open_shop.books_agree()


@pytest.mark.parametrize("kind", ["unauthorized", "out_of_credits"])
@pytest.mark.parametrize("provider_form", FORMS, indirect=True)
async def test_an_account_out_of_order_stops_the_batch_and_refunds_it(open_shop: Shop, kind: str) -> None:
    await open_shop.faults({"kind": kind, "stage": "submit", "count": None})
    order = await open_shop.order(20, variations=2, parallelism=2)
    progress = await open_shop.settled(await open_shop.start(order))
    assert (progress.status, progress.credits_refunded) == (GenerationStatus.FAILED, 20 * PRICE)
    items = await open_shop.items(order.generation_id)
    assert {item.error_code for item in items} == {"PROVIDER_ACCOUNT"}
    assert sum(await hits(open_shop)) < 6, "calls that must fail are not made"
    await open_shop.books_agree()


@pytest.mark.parametrize("provider_form", FORMS, indirect=True)
async def test_an_outage_that_lasts_ends_with_refunds_after_bounded_tries(shop: Shop) -> None:
    hasty = shop.settings.model_copy(update={"flux_max_failures": 2})
    await shop.faults({"kind": "error_500", "stage": "submit", "count": None})
    async with worker.serving(hasty, shop.temporal):
        progress = await shop.settled(await shop.start(await shop.order(2)))
    assert progress.credits_refunded == 2 * PRICE
    assert {item.error_code for item in await shop.items(progress.generation_id)} == {"PROVIDER_UNAVAILABLE"}
    assert await hits(shop) == [4]
    await shop.books_agree()


@pytest.mark.parametrize("provider_form", FORMS, indirect=True)
async def test_an_item_tells_how_it_was_made(open_shop: Shop, provider_form: str) -> None:
    order = await open_shop.order(2, prompt="in a batik shirt")
    await open_shop.settled(await open_shop.start(order))
    guided = provider_form in {FAL, COMFYUI}
    items = await open_shop.items(order.generation_id)
    for item in items:
        assert item.status == ItemStatus.COMPLETED
        assert (item.provider, bool(item.model)) == (provider_form.partition("-")[0], True)
        assert (item.map_key is not None, item.controlnet_weight) == (guided, 0.9 if guided else None)
        pose = library.drafts().built(str(item.pose_id).removeprefix("pose_").replace("_", "-"))
        said = str(item.prompt_used)
        assert pose.description.rstrip(".") in said
        assert "in a batik shirt" in said
        assert (pose_words.words(pose.keypoints) in said) is not guided
    sent = await open_shop.submissions()
    assert {entry["posed_by_map"] for entry in sent} == {guided}
    assert {entry["prompt"] for entry in sent} == {item.prompt_used for item in items}


async def test_waiting_out_429_does_not_use_up_the_item(shop: Shop) -> None:
    strict = shop.settings.model_copy(update={"flux_max_failures": 1})
    await shop.faults({"kind": "rate_limited", "seconds": 0.2, "count": 8, "match": {"seeds": seeds(1)}})
    async with worker.serving(strict, shop.temporal):
        progress = await shop.settled(await shop.start(await shop.order(3)))
    assert progress.status is GenerationStatus.COMPLETED
    assert await hits(shop) == [8]
    await shop.books_agree()
