"""Drawn pictures: kept only a while, made again alike, and as varied as told."""

import pytest

from imaging import library
from simulator import asked_pose
from simulator.inputs import MAX_BYTES, InputError, fetch
from simulator.pictures import Order, Pictures
from simulator.settings import SimulatorSettings
from simulator.stock_poses import POSES


def order(seed: int, prompt: str = "waving") -> Order:
    return Order(prompt, seed, 96, 128, "image/jpeg")


async def test_a_dropped_picture_is_drawn_again_alike() -> None:
    pictures = Pictures(SimulatorSettings(cached_pictures=1))
    drawings = [await pictures.prepare(order(seed)) for seed in (1, 2)]
    first, second = [await pictures.render(drawing) for drawing in drawings]
    assert first != second
    assert await pictures.render(drawings[1]) is second
    again = await pictures.render(drawings[0])
    assert again == first
    assert again is not first


async def test_a_benchmark_can_ask_for_few_variants() -> None:
    pictures = Pictures(SimulatorSettings(variants=2))
    assert len({await pictures.prepare(order(seed)) for seed in range(50)}) == 2
    everything = Pictures(SimulatorSettings())
    assert len({await everything.prepare(order(seed)) for seed in range(50)}) == 50


async def test_an_input_is_bounded() -> None:
    assert await fetch("data:text/plain,a%20b") == b"a b"
    with pytest.raises(InputError) as caught:
        await fetch("data:text/plain," + "a" * (MAX_BYTES + 1))
    assert caught.value.failure.error_type == "file_too_large"


@pytest.mark.parametrize("slug", ["hands-on-hips", "arms-crossed", "standing-neutral"])
def test_a_prompt_that_repeats_a_library_pose_gets_it(slug: str) -> None:
    pose = library.drafts().built(slug)
    prompt = f"a tailor, {pose.description.rstrip('.').upper()}, in a batik shirt"
    assert asked_pose.choose(prompt) == pose.keypoints


def test_other_prompts_get_a_pose_by_a_word_or_by_chance() -> None:
    assert asked_pose.choose("a woman waving at somebody across the street") == POSES["wav"]
    assert asked_pose.choose("a tailor") in POSES.values()
