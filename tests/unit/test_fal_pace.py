"""When the queue is asked: after the usual time, then often, then ever less often."""

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
    for _ in range(30):
        experience.learn(0.95 * experience.usual_s)
    assert experience.usual_s < 2, "pictures that always wait for the first look have become faster"


def test_a_picture_that_was_there_already_teaches_nothing() -> None:
    experience = Experience()
    experience.learn(0)
    assert experience.usual_s == 0
