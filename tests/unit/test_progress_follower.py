"""What one client of a stream is told, when the answers come in awkward orders."""

from typing import Any

from api.progress.follower import Follower
from api.progress.known import Known
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, Progress


def url(key: str, *, download_name: str | None = None) -> str:
    return f"http://files/{key}"


def item(index: int, version: int, status: ItemStatus = ItemStatus.COMPLETED) -> ItemOutcome:
    done = status is ItemStatus.COMPLETED
    code = None if done else "CANCELLED"
    key = "a.png" if done else None
    return ItemOutcome(
        index=index, pose_id=None, status=status, version=version, image_key=key, error_code=code
    )


def progress(version: int, *items: ItemOutcome, **fields: Any) -> Progress:
    values: dict[str, Any] = {
        "generation_id": "gen_1",
        "version": version,
        "status": GenerationStatus.PROCESSING,
        "total": 4,
        "completed": len(items),
        "failed": 0,
        "credits_charged": 120,
        "credits_refunded": 0,
        "items": items,
        "started_version": 1,
    }
    return Progress(**values | fields)


def stale(*items: ItemOutcome) -> Progress:
    return progress(0, *items, stale=True, started_version=None)


def told(follower: Follower) -> list[tuple[str, int]]:
    return [(event.type, event.id) for event in follower.news()]


def indexes(follower: Follower) -> list[int]:
    return [event.fields["index"] for event in follower.news() if event.type == "item"]


def test_counts_are_told_once_as_they_are_now() -> None:
    known = Known(progress(1))
    follower = Follower(known, url)
    follower.snapshot()
    assert told(follower) == []
    assert known.learn(progress(5, item(0, 2), item(1, 4)))
    assert told(follower) == [("item", 2), ("item", 4), ("progress", 5)]
    assert told(follower) == []
    assert not known.learn(progress(5))


def test_a_pause_is_news_without_items() -> None:
    known = Known(progress(1))
    follower = Follower(known, url)
    follower.snapshot()
    known.learn(progress(2, status=GenerationStatus.PAUSED))
    assert told(follower) == [("progress", 2)]


def test_the_truth_after_a_stale_start_repeats_and_loses_nothing() -> None:
    """The row of 2 came before that of 1, but the workflow heard of 1 first."""
    known = Known(stale(item(2, 0)))
    follower = Follower(known, url)
    assert [shown["index"] for shown in follower.snapshot().fields["items"]] == [2]
    assert told(follower) == []
    known.learn(progress(5, item(1, 2), item(2, 4)))
    assert indexes(follower) == [1]
    known.learn(progress(7, item(3, 6)))
    assert indexes(follower) == [3]


def test_a_stale_answer_never_replaces_the_truth() -> None:
    known = Known(progress(5, item(0, 2), item(1, 4)))
    assert not known.learn(stale(item(0, 0)))
    assert known.progress.version == 5


def test_a_returning_client_keeps_its_place_while_only_rows_are_known() -> None:
    known = Known(stale(item(0, 0)))
    follower = Follower(known, url, 7)
    assert follower.snapshot().id == 7
    known.learn(progress(9, item(0, 2), item(1, 4), item(2, 6), item(3, 8)))
    assert indexes(follower) == [1, 2, 3]
    assert follower.position >= 9


def test_a_run_numbered_anew_from_outside_ends_with_growing_ids() -> None:
    """Settled after its workflow was terminated: the rows have versions of their own, and lower ones."""
    known = Known(progress(9, item(0, 2), item(1, 8)))
    follower = Follower(known, url)
    assert follower.snapshot().id == 9
    settled = [item(0, 1), item(1, 2), item(2, 3), item(3, 4, ItemStatus.CANCELLED)]
    ended = progress(5, *settled, status=GenerationStatus.CANCELLED, completed=3, failed=1)
    assert known.learn(ended)
    assert told(follower) == [("item", 10), ("cancelled", 11)]
    assert follower.over
    assert told(follower) == []


def test_cancelled_items_are_no_events_of_their_own() -> None:
    known = Known(progress(1))
    follower = Follower(known, url)
    follower.snapshot()
    cancelled = [item(n, 2 + n, ItemStatus.CANCELLED) for n in range(4)]
    known.learn(progress(6, *cancelled, status=GenerationStatus.CANCELLED, completed=0, failed=4))
    assert told(follower) == [("cancelled", 6)]


def test_a_run_that_never_started_says_so() -> None:
    ended = {"status": GenerationStatus.CANCELLED, "completed": 0, "failed": 1, "started_version": None}
    never = Known(progress(2, item(0, 1, ItemStatus.CANCELLED), **ended))
    assert told(_resumed(never)) == [("cancelled", 2)]
    begun = Known(progress(3, item(0, 2, ItemStatus.CANCELLED), **ended))
    assert told(_resumed(begun)) == [("started", 1), ("cancelled", 3)]


def _resumed(known: Known) -> Follower:
    follower = Follower(known, url, 0)
    follower.snapshot()
    return follower
