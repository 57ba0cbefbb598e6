"""Jobs end once, in every way there is, and leave their slot to the next."""

import asyncio
import logging

import pytest

from simulator.drawn import Drawn, Spoil
from simulator.failures import BROKEN, CANCELLED
from simulator.faults.outcomes import GOOD, Outcome
from simulator.job import Job, Submission
from simulator.pictures import Order, Pictures
from simulator.queue import Queue
from simulator.settings import SimulatorSettings
from tests.eventually import until

SETTINGS = SimulatorSettings(latency_s=0, concurrency=1)


class BrokenPictures(Pictures):
    async def render(self, drawing: Drawn, spoil: Spoil | None = None) -> bytes:
        raise RuntimeError("no paint")


def job(outcome: Outcome = GOOD, seed: int = 1) -> Job:
    return Job("a/b", Submission(1, seed, "waving"), Order("waving", seed, 64, 64, "image/jpeg"), outcome)


async def ended(*jobs: Job) -> None:
    await until(lambda: all(each.ended_at is not None for each in jobs))


async def test_a_broken_drawing_ends_the_job_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(SETTINGS, BrokenPictures(SETTINGS))
    first, second = job(), job()
    with caplog.at_level(logging.ERROR):
        queue.add(first)
        queue.add(second)
        await ended(first, second)
    assert first.failure is second.failure is BROKEN
    assert "no paint" in caplog.text
    assert queue.stats()["in_progress"] == 0


async def test_a_job_cancelled_before_its_first_step_ends_too() -> None:
    queue = Queue(SETTINGS, Pictures(SETTINGS))
    early = job()
    queue.add(early)
    assert queue.cancel(early) == "OK"
    assert (early.status, early.failure) == ("COMPLETED", CANCELLED)
    late = job()
    queue.add(late)
    await ended(late)
    assert late.failure is None
    assert queue.stats() == {
        "submitted": 2, "completed": 1, "failed": 0, "cancelled": 1,
        "delivered": 0, "in_progress": 0, "in_queue": 0, "max_in_progress": 1,
    }  # fmt: skip


async def test_jitter_follows_the_seed() -> None:
    settings = SimulatorSettings(latency_s=0, jitter_s=0.5)
    queue = Queue(settings, Pictures(settings))
    slow, quick = job(seed=0), job(seed=1)
    queue.add(slow)
    queue.add(quick)
    await ended(quick)
    assert slow.status == "IN_PROGRESS"
    await ended(slow)


async def test_closing_leaves_nothing_behind() -> None:
    queue = Queue(SETTINGS, Pictures(SETTINGS))
    before = asyncio.all_tasks()
    queue.add(job(Outcome(never_ends=True)))
    queue.add(job())
    await until(lambda: queue.in_progress == 1)
    await queue.close()
    assert asyncio.all_tasks() == before
    assert queue.in_progress == 0
