"""The figure in a delivered picture stands in the asked pose: 20 poses of 20 categories, at the real door."""

import zlib
from io import BytesIO

import httpx
import numpy as np
from PIL import Image

from imaging import library, mannequin
from imaging.library import LibraryPose
from schema import ids
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.postgres import SIDE

SEED = 7


def of_different_categories(count: int) -> list[LibraryPose]:
    chosen: dict[str, LibraryPose] = {}
    for pose in library.load().poses:
        if not pose.premium:
            chosen.setdefault(pose.category, pose)
    return list(chosen.values())[:count]


def far_apart(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that clearly differ; a map is read back to a pixel, so edges may move by one."""
    difference = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max(axis=2)
    return float((difference > 40).mean())


async def test_twenty_pictures_show_the_twenty_poses(ann: Customer, open_shop: Shop) -> None:
    poses = of_different_categories(20)
    assert len(poses) == 20
    generation = await ann.start([pose.id for pose in poses], seed=SEED)
    assert (await ann.finished(generation))["completed"] == 20
    results = (await ann.get(f"/generations/{generation}/results", limit=50))["results"]
    seeds = [ids.item_seed(SEED, index) for index in range(20)]
    async with httpx.AsyncClient() as browser:
        for index, item in enumerate(results):
            assert (item["poseId"], item["seedUsed"]) == (poses[index].id, seeds[index])
            picture = Image.open(BytesIO((await browser.get(item["outputImageUrl"])).content))
            studio = seeds[index] ^ zlib.crc32(item["promptUsed"].encode())
            asked, another = (
                mannequin.draw(poses[n].keypoints, SIDE, SIDE, seed=studio) for n in (index, index - 1)
            )
            assert far_apart(picture, asked) < 0.03, poses[index].slug
            assert far_apart(picture, another) > 2 * far_apart(picture, asked), poses[index].slug
    assert all(entry["posed_by_map"] for entry in await open_shop.submissions())
