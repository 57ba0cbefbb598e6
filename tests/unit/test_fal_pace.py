"""When the queue is asked: after the usual time, then often, then ever less often."""

import time

import pytest

from adapters.providers.pace import Experience, Pace


async def pauses(count: int, usual_s: float = 0.0, told_s: float | None = None) -> list[float]:
    slept: list[float] = []

    async def sleep(for_s: float) -> None:
        slept.append(round(for_s, 3))

    pace = Pace(sleep, usual_s)
    for _ in range(count):
        await pace.pause(told_s)
    return slept


async def test_without_experience_it_asks_often_at_first_and_less_often_later() -> None:
    slept = await pauses(60)
    assert slept[:5] == [0.1] * 5
    assert slept == sorted(slept)
    assert slept[-1] == 1.0


async def test_with_experience_the_first_look_comes_a_little_before_the_usual_time() -> None:
    slept = await pauses(5, usual_s=20)
    assert slept[0] == 19
    assert all(0 < pause <= 0.1 for pause in slept[1:])


async def test_a_wait_it_was_told_of_is_kept() -> None:
    assert await pauses(2, usual_s=1, told_s=5) == [5, 5]


def test_experience_follows_slower_and_faster_pictures() -> None:
    experience = Experience()
    experience.learn(10)
    assert experience.usual_s == 10
    for _ in range(30):
        experience.learn(20)
    assert 19 < experience.usual_s < 20


async def test_pictures_that_always_wait_for_the_first_look_have_become_faster() -> None:
    experience = Experience()
    experience.learn(20)
    for _ in range(30):
        experience.learn((await experience.first_look(no_sleep, time.time())).took_s)
    assert experience.usual_s < 2


async def test_a_picture_that_was_there_already_teaches_nothing() -> None:
    experience = Experience()
    experience.learn((await experience.first_look(no_sleep, None)).took_s)
    assert experience.usual_s == 0


@pytest.mark.parametrize(("ago_s", "waits_s"), [(0, 19), (9, 10), (19.5, 0), (500, 0), (-60, 19), (None, 0)])
async def test_nobody_looks_before_the_usual_time_is_over(ago_s: float | None, waits_s: float) -> None:
    slept: list[float] = []

    async def sleep(for_s: float) -> None:
        slept.append(for_s)

    experience = Experience()
    experience.learn(20)
    await experience.first_look(sleep, None if ago_s is None else time.time() - ago_s)
    assert sum(slept) == pytest.approx(waits_s, abs=0.5)


async def no_sleep(_: float) -> None:
    pass
