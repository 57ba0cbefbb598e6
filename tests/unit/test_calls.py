"""A provider call pays once, remembers what it must, and knows when to give up."""

import asyncio
import time
from collections.abc import Callable

import pytest

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.calls import CallLimits, CallState, PaidCalls, backoff_s
from schema.errors import (
    ItemError,
    ProviderBusy,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    SubmitUnclear,
    Unexpected,
)
from tests.eventually import until

REQUEST = PictureRequest("a tailor", "", 7, 256, 256, None, key="item-7")
PICTURE = Picture(b"png", "image/png", 7)
LIMITS = CallLimits(call_timeout_s=0.2, item_deadline_s=600, max_failures=3)
Step = BaseException | float | None


class Scripted:
    """Stands in for what costs money: each submit and each wait does the next thing it was told."""

    name, model = "scripted", "scripted"

    def __init__(
        self, *, submits: list[Step] | None = None, waits: list[Step] | None = None, resumable: bool = True
    ) -> None:
        self._submits, self._waits = submits or [], waits or []
        self.capabilities = Capabilities(
            pose_map=True, negative_prompt=True, cancel=resumable, resumable=resumable
        )
        self.submitted = 0
        self.waited_for: list[str] = []
        self.cancelled: list[str] = []

    async def submit(self, request: PictureRequest) -> Handle | Picture:
        self.submitted += 1
        await _do(self._submits)
        if not self.capabilities.resumable:
            return PICTURE
        return Handle(provider=self.name, request_id=f"r{self.submitted}")

    async def wait(self, handle: Handle) -> Picture:
        self.waited_for.append(handle.request_id)
        await _do(self._waits)
        return PICTURE

    async def cancel(self, handle: Handle) -> None:
        self.cancelled.append(handle.request_id)

    async def check(self) -> str:
        return "there"

    async def close(self) -> None: ...


async def _do(steps: list[Step]) -> None:
    step = steps.pop(0) if steps else None
    if isinstance(step, BaseException):
        raise step
    if step:
        await asyncio.sleep(step)


class Item:
    """What Temporal does around a call: keeps its state, and tries again."""

    def __init__(self, provider: Scripted, limits: CallLimits = LIMITS) -> None:
        self.calls = PaidCalls(provider, limits)
        self.state = CallState(started_at=time.time())
        self.saved: list[CallState] = []

    async def attempt(self) -> Picture:
        return await self.calls.run(REQUEST, self.state, self._save)

    async def failure(self) -> ItemError:
        with pytest.raises(ItemError) as raised:
            await self.attempt()
        return raised.value

    def _save(self, state: CallState) -> None:
        self.state = CallState.model_validate(state.model_dump())
        self.saved.append(self.state)


async def test_the_handle_is_kept_before_anything_waits() -> None:
    item = Item(provider := Scripted())
    assert await item.attempt() is PICTURE
    assert [state.handle and state.handle.request_id for state in item.saved] == ["r1"]
    assert provider.submitted == 1


async def test_a_successor_waits_for_the_same_request() -> None:
    item = Item(provider := Scripted(waits=[asyncio.CancelledError()]))
    with pytest.raises(asyncio.CancelledError):
        await item.attempt()
    assert await item.attempt() is PICTURE
    assert (provider.submitted, provider.waited_for) == (1, ["r1", "r1"])


async def test_cancelled_while_it_is_submitted_the_request_is_still_found() -> None:
    """So that it can be cancelled where it runs, or gone on with."""
    item = Item(provider := Scripted(submits=[0.05]))
    attempt = asyncio.create_task(item.attempt())
    await until(lambda: provider.submitted > 0)
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert item.state.handle
    assert (item.state.handle.request_id, provider.waited_for) == ("r1", [])


async def test_a_busy_provider_never_uses_up_the_item_and_closes_the_door_for_others() -> None:
    item = Item(provider := Scripted(submits=[ProviderBusy("later", retry_after_s=60)]))
    for _ in range(10):
        error = await item.failure()
        assert isinstance(error, ProviderBusy)
        assert not error.final
        assert error.retry_after_s
        assert 59 < error.retry_after_s <= 60
    assert provider.submitted == 1, "who was told to wait does not ask again"
    assert item.state.failures == 0


async def test_a_busy_status_keeps_the_paid_request() -> None:
    item = Item(provider := Scripted(waits=[ProviderBusy("later", retry_after_s=0.01)]))
    await item.failure()
    await item.attempt()
    assert (provider.submitted, provider.waited_for) == (1, ["r1", "r1"])


def down() -> ItemError:
    return ProviderUnavailable("down")


def mistake() -> Exception:
    return ZeroDivisionError("a bug")


@pytest.mark.parametrize(("cause", "kind"), [(down, ProviderUnavailable), (mistake, Unexpected)])
@pytest.mark.parametrize("where", ["submits", "waits"])
async def test_failures_are_bounded_and_each_try_is_a_new_request(
    cause: Callable[[], Exception], kind: type[ItemError], where: str
) -> None:
    steps: list[Step] = [cause() for _ in range(3)]
    item = Item(provider := Scripted(submits=steps) if where == "submits" else Scripted(waits=steps))
    finals = []
    for _ in range(3):
        error = await item.failure()
        assert isinstance(error, kind)
        finals.append(error.final)
    assert finals == [False, False, True]
    assert provider.submitted == 3
    assert item.state.handle is None


async def test_an_unclear_submit_is_repeated_once() -> None:
    item = Item(Scripted(submits=[SubmitUnclear("?"), SubmitUnclear("?")]))
    assert [(await item.failure()).final for _ in range(2)] == [False, True]


async def test_a_request_the_provider_lost_is_a_failure_like_others() -> None:
    item = Item(provider := Scripted(waits=[SubmitUnclear("lost"), SubmitUnclear("lost")]))
    assert [(await item.failure()).final for _ in range(2)] == [False, False]
    assert await item.attempt() is PICTURE
    assert provider.waited_for == ["r1", "r2", "r3"]


async def test_a_call_that_takes_too_long_is_cancelled_there_and_begun_anew() -> None:
    item = Item(provider := Scripted(waits=[10.0]))
    error = await item.failure()
    assert isinstance(error, ProviderTimeout)
    assert not error.final
    assert provider.cancelled == ["r1"]
    assert await item.attempt() is PICTURE
    assert provider.waited_for == ["r1", "r2"]


async def test_a_refusal_is_final_at_once() -> None:
    assert (await Item(Scripted(submits=[ProviderRejected("no")])).failure()).final


async def test_past_the_items_deadline_nothing_is_tried_again() -> None:
    item = Item(Scripted(submits=[ProviderBusy("later", retry_after_s=1)]))
    item.state = CallState(started_at=time.time() - LIMITS.item_deadline_s - 1)
    assert (await item.failure()).final


async def test_a_blocking_submit_is_the_picture() -> None:
    item = Item(provider := Scripted(resumable=False))
    assert await item.attempt() is PICTURE
    assert [(state.handle, state.unanswered) for state in item.saved] == [(None, True)]
    assert provider.waited_for == []


async def test_a_successor_repeats_an_unanswered_submit_once_and_no_more() -> None:
    died = [asyncio.CancelledError() for _ in range(3)]
    item = Item(provider := Scripted(submits=[*died], resumable=False))
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await item.attempt()
    error = await item.failure()
    assert isinstance(error, SubmitUnclear)
    assert error.final
    assert provider.submitted == 2


async def test_an_answered_refusal_leaves_nothing_unanswered() -> None:
    item = Item(
        provider := Scripted(submits=[ProviderUnavailable("down"), SubmitUnclear("?")], resumable=False)
    )
    assert [(await item.failure()).final for _ in range(2)] == [False, False]
    assert (item.state.unanswered, item.state.failures, item.state.unclear) == (False, 1, 1)
    assert await item.attempt() is PICTURE
    assert provider.submitted == 3


async def test_a_busy_provider_is_not_even_asked_by_a_blocking_call() -> None:
    item = Item(provider := Scripted(submits=[ProviderBusy("later", retry_after_s=60)], resumable=False))
    for _ in range(5):
        assert isinstance(await item.failure(), ProviderBusy)
        assert not item.state.unanswered
    assert (provider.submitted, item.state.unclear) == (1, 0)


async def test_another_providers_handle_is_no_handle() -> None:
    item = Item(provider := Scripted())
    item.state = CallState(started_at=time.time(), handle=Handle(provider="other", request_id="theirs"))
    assert await item.attempt() is PICTURE
    assert provider.waited_for == ["r1"]
    assert item.state.unclear == 1, "it may be paid for there"


def test_a_handle_of_before_there_was_a_choice_is_fals() -> None:
    recorded = {"started_at": 1.0, "handle": {"request_id": "r", "status_url": "https://queue.fal.run/r"}}
    state = CallState.model_validate(recorded)
    assert state.handle
    assert state.handle.provider == "fal"


def test_backoff_grows_is_jittered_and_bounded() -> None:
    for failures in range(50):
        waits = {backoff_s(failures) for _ in range(20)}
        assert len(waits) > 1
        assert all(min(60, 2**failures) / 2 <= wait <= min(60, 2**failures) for wait in waits)
