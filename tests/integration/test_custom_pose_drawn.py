"""A pose of one's own, from OpenPose's JSON to the finished picture, on real servers."""

from io import BytesIO

import httpx
from PIL import Image

from schema.models.custom_poses import STANDING
from tests.integration.front_door import Customer
from tests.integration.shop import Shop

PEOPLE = {"people": [{"pose_keypoints_2d": STANDING}], "canvas_width": 512, "canvas_height": 512}


async def test_a_custom_pose_is_really_drawn(ann: Customer, open_shop: Shop) -> None:
    added = await ann.http.post("/projects/proj_ann/poses", json={"name": "Mine", "openpose": PEOPLE})
    assert added.status_code == 201, added.text
    pose = added.json()["pose"]
    generation = await ann.start([pose["id"]], batchSize=2)
    end = await ann.finished(generation)
    assert (end["completed"], end["failed"]) == (2, 0)
    sent = await open_shop.submissions()
    assert [entry["posed_by_map"] for entry in sent] == [True, True]
    results = (await ann.get(f"/generations/{generation}/results"))["results"]
    assert [item["poseId"] for item in results] == [pose["id"]] * 2
    async with httpx.AsyncClient() as browser:
        own_map = (await browser.get(pose["controlnetImageUrl"])).content
        for item in results:
            assert (await browser.get(item["controlnetImageUrl"])).content == own_map
            picture = Image.open(BytesIO((await browser.get(item["outputImageUrl"])).content))
            assert picture.size == Image.open(BytesIO(own_map)).size
    used = (await ann.get(f"/projects/proj_ann/poses/{pose['id']}"))["pose"]
    assert used["usageCount"] == 2
    await open_shop.books_agree()


async def test_a_pose_deleted_while_it_is_drawn_is_still_drawn(ann: Customer, open_shop: Shop) -> None:
    added = await ann.http.post("/projects/proj_ann/poses", json={"name": "Mine", "openpose": PEOPLE})
    pose = added.json()["pose"]["id"]
    generation = await ann.start([pose], batchSize=3)
    assert (await ann.ask("DELETE", f"/projects/proj_ann/poses/{pose}")).status_code == 204
    assert (await ann.finished(generation))["completed"] == 3
    assert all(entry["posed_by_map"] for entry in await open_shop.submissions())
    await open_shop.books_agree()
