"""Each thing that must be true after chaos is missed when it is not: a sound world is broken in every way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schema.kinds import ChangeStatus, GenerationStatus, ItemStatus, LedgerType
from schema.tables import BackgroundChange, Generation, Item
from tests.chaos.runner.blows import Blow, Fleet
from tests.chaos.runner.facts import Account, Facts, File, Hit, Struck, Submission
from tests.chaos.runner.records import Connection, Ends, Placed, Records, Stream
from tests.chaos.runner.verdict import CHECKS, violations
from tests.integration.front_door import Event

GEN, USER, PRICE = "gen_1", "ani", 30
AT = datetime(2026, 1, 1, tzinfo=UTC)
END = {
    "id": GEN, "status": "partial", "posesCompleted": 1, "posesFailed": 1, "creditCharged": 60,
    "creditRefunded": 30, "errorCode": "BAD_IMAGE", "completedAt": "then",
}  # fmt: skip

SUMS: dict[str, int] = {LedgerType.GRANT: 100, LedgerType.CHARGE: -70, LedgerType.REFUND: 30}


def sound() -> Facts:
    """One order of two pictures: one was delivered, given another background; the other came broken twice."""
    return Facts(
        Fleet(workers=1, slots=1),
        records(),
        struck=[Struck(Blow(0, "worker killed", 0, 1), began=10, ended=10)],
        generations={GEN: generation()},
        items=[delivered(), Item(**place(1), status=ItemStatus.FAILED, error_code="BAD_IMAGE")],
        changes=[change()],
        accounts={
            USER: Account(60, 60, {LedgerType.GRANT: 100, LedgerType.CHARGE: -70, LedgerType.REFUND: 30})
        },
        files={
            "generated/gen_1/item_0-bg_1.png": File(9, "b", (256, 256)),
            "generated/gen_1/item_0.png": File(9, "a", (256, 256)),
            "thumbnails/gen_1/item_0-bg_1.jpg": File(5, "c", (400, 400)),
            "exports/gen_1/item_0/web.webp": File(7, "d", (256, 256)),
            "backdrops/gen_1.png": File(9, "e", (256, 256)),
        },
        submissions=[Submission(9.5, 11), Submission(16, 11), Submission(20, 12), Submission(23, 13)],
        hits=[Hit(20, 12, "garbage", "run"), Hit(23, 13, "garbage", "run")],
    )


def records() -> Records:
    placed = Placed("order 7", USER, "key", accepted=[GEN, GEN], charged_credits=60)
    alone = Stream(GEN, USER, [Connection(None, [snapshot("0"), event("item", "2", index=0)])])
    alone.connections.append(
        Connection("2", [snapshot("2", 0), event("item", "4", index=1), event("completed", "6")])
    )
    every = Stream("", USER, [Connection(None, [snapshot("gen_1:5", 0, 1), event("completed", "gen_1:6")])])
    return Records([placed], [alone, every], Ends(seen={GEN: END}))


def event(kind: str, event_id: str, **data: Any) -> Event:
    return Event(event_id, kind, data)


def snapshot(event_id: str, *items: int) -> Event:
    return event(
        "snapshot", event_id, items=[{"index": index, "status": "completed"} for index in items], stale=False
    )


def generation() -> Generation:
    return Generation(
        id=GEN, user_id=USER, project_id="proj", generation_type="", batch_size=1, seed=7,
        output_formats=["web"], status=GenerationStatus.PARTIAL, total_expected_poses=2,
        item_price_credits=PRICE, credit_charged=60, credit_refunded=30, poses_completed=1, poses_failed=1,
        settled_at=AT,
    )  # fmt: skip


def place(index: int) -> dict[str, Any]:
    return {"id": f"item_{index}", "generation_id": GEN, "index": index, "position": 0, "variation": index}


def delivered() -> Item:
    web = {"key": "exports/gen_1/item_0/web.webp", "bytes": 7, "sha256": "d", "width": 256, "height": 256}
    return Item(
        **place(0),
        status=ItemStatus.COMPLETED,
        image_key="generated/gen_1/item_0-bg_1.png",
        original_image_key="generated/gen_1/item_0.png",
        thumbnail_key="thumbnails/gen_1/item_0-bg_1.jpg",
        exports={"web": web},
    )


def change() -> BackgroundChange:
    return BackgroundChange(
        id="bg_1", user_id=USER, generation_id=GEN, item_id="item_0", background={}, seed=1,
        credit_charged=10, status=ChangeStatus.COMPLETED, before_image_key="generated/gen_1/item_0.png",
        image_key="generated/gen_1/item_0-bg_1.png", ended_at=AT,
    )  # fmt: skip


def heard(facts: Facts, connection: int = 1) -> list[Event]:
    return facts.records.streams[0].connections[connection].events


def two_generations_with_one_key(facts: Facts) -> None:
    facts.records.placed[0].accepted.append("gen_2")


def refused_after_all(facts: Facts) -> None:
    facts.records.placed[0].refused.append(402)


def unanswered(facts: Facts) -> None:
    facts.records.placed[0].unanswered = 1


def still_waiting(facts: Facts) -> None:
    facts.waiting.append("order 7")


def lost(facts: Facts) -> None:
    facts.generations = {}
    facts.items = []


def dearer_than_told(facts: Facts) -> None:
    facts.generations[GEN].credit_charged = 90


def running_on(facts: Facts) -> None:
    facts.generations[GEN].settled_at = None


def pending_change(facts: Facts) -> None:
    facts.changes[0].status = ChangeStatus.PENDING


def seen_otherwise(facts: Facts) -> None:
    facts.records.ends.look({**END, "status": "processing"})


def ended_otherwise(facts: Facts) -> None:
    facts.generations[GEN].status = GenerationStatus.COMPLETED


def failed_by_us(facts: Facts) -> None:
    facts.items[1].error_code = "INTERNAL"


def change_failed_by_us(facts: Facts) -> None:
    facts.changes[0].error_code = "STORAGE_UNAVAILABLE"


def audit_finds(facts: Facts) -> None:
    facts.audit.append("the balance is the sum of the entries: ani")


def balance_astray(facts: Facts) -> None:
    facts.accounts[USER] = replace(facts.accounts[USER], balance=61)


def paid_too_much(facts: Facts) -> None:
    facts.accounts[USER] = Account(30, 30, SUMS | {LedgerType.REFUND: 0})


def picture_gone(facts: Facts) -> None:
    del facts.files["generated/gen_1/item_0.png"]


def picture_broken(facts: Facts) -> None:
    facts.files["generated/gen_1/item_0-bg_1.png"] = File(3, "b", None)


def export_of_other_content(facts: Facts) -> None:
    facts.files["exports/gen_1/item_0/web.webp"] = File(7, "other", (256, 256))


def format_missing(facts: Facts) -> None:
    facts.generations[GEN].output_formats = ["web", "original"]


def left_over(facts: Facts) -> None:
    facts.files["staging/gen_1/item_1-12"] = File(9, "f", (256, 256))


def backdrop_of_nothing(facts: Facts) -> None:
    facts.files["backdrops/gen_2.png"] = File(9, "f", (256, 256))


def far_too_many(facts: Facts) -> None:
    facts.submissions += [Submission(20.5 + place, 100 + place) for place in range(9)]


def paid_twice(facts: Facts) -> None:
    facts.submissions.append(Submission(40, 13))
    facts.hits[1] = replace(facts.hits[1], seed=99)


def gap(facts: Facts) -> None:
    del heard(facts)[1]


def repeat(facts: Facts) -> None:
    heard(facts).insert(2, event("item", "5", index=0))


def going_back(facts: Facts) -> None:
    heard(facts)[1].id = "2"


def forgotten_by_the_snapshot(facts: Facts) -> None:
    heard(facts)[0] = snapshot("2")


def begun_anew(facts: Facts) -> None:
    heard(facts)[0] = snapshot("0", 0)


def no_end(facts: Facts) -> None:
    heard(facts).pop()


def two_ends(facts: Facts) -> None:
    heard(facts).append(event("completed", "7"))


def unheard_of(facts: Facts) -> None:
    facts.records.streams[1].connections = []


BREAKS: dict[str, list[Callable[[Facts], None]]] = {
    "who asks is answered, and with one key once": [
        two_generations_with_one_key, refused_after_all, unanswered, still_waiting,
    ],
    "what was accepted is in the books at the price told": [lost, dearer_than_told],
    "every generation and every change ended": [running_on, pending_change],
    "an end never changes": [seen_otherwise, ended_otherwise],
    "only the provider makes pictures fail": [failed_by_us, change_failed_by_us],
    "the books agree": [audit_finds, balance_astray, paid_too_much],
    "every delivered picture is there, whole": [picture_gone, picture_broken, export_of_other_content],
    "every ordered format is there": [format_missing],
    "no file belongs to nothing": [left_over, backdrop_of_nothing],
    "submissions stay within the bound": [far_too_many],
    "nothing is submitted twice without a reason": [paid_twice],
    "streams have no gap and no repeat": [
        gap, repeat, going_back, forgotten_by_the_snapshot, begun_anew, no_end, two_ends, unheard_of,
    ],
}  # fmt: skip


def test_a_sound_world_breaks_nothing() -> None:
    assert violations(sound()) == []


def test_every_check_is_broken_below() -> None:
    assert BREAKS.keys() == CHECKS.keys()


@pytest.mark.parametrize(
    ("check", "break_it"), [(check, each) for check, breaks in BREAKS.items() for each in breaks]
)
def test_what_breaks_a_check_is_told(check: str, break_it: Callable[[Facts], None]) -> None:
    facts = sound()
    break_it(facts)
    assert list(CHECKS[check](facts)), "this could happen, and nobody would know"
