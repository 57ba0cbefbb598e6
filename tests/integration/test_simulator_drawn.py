"""What the simulator draws for a fal order: pose, looks, format, size, and the maps that it reads."""

import io
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import numpy as np
from PIL import Image

from imaging.openpose import draw_map
from simulator.stock_poses import POSES
from tests.integration.fal_queue import control, fal, shown, url
from tests.servers.simulator import body, completed, data_uri, picture, result

__all__ = ["fal", "url"]


def pose_map(pose: str, width: int = 256, height: int = 256) -> str:
    return data_uri(draw_map(POSES[pose], width, height))


async def test_the_same_request_gives_the_same_picture_and_each_part_of_it_counts(
    fal: httpx.AsyncClient,
) -> None:
    waving = control(pose_map("wav"))
    first = await picture(fal, **waving)
    assert await picture(fal, **waving) == first
    others = [
        await picture(fal, **waving, seed=6),
        await picture(fal, **waving, prompt="a baker"),
        await picture(fal, **control(pose_map("sit"))),
    ]
    assert len({first, *others}) == 4
    assert [job["posed_by_map"] for job in (await fal.get("/_sim/log")).json()] == [True] * 5


async def test_the_figure_wears_what_the_reference_shows(fal: httpx.AsyncClient) -> None:
    waving = control(pose_map("wav"))
    uris = [data_uri(swatch(colour)) for colour in ("green", "red")]
    plain = await picture(fal, **waving)
    green, red = [await picture(fal, **waving, **shown(uri)) for uri in uris]
    assert len({plain, green, red}) == 3
    assert await picture(fal, **waving, **shown(uris[0])) == green
    log = (await fal.get("/_sim/log")).json()
    assert [job["dressed_as"] and job["dressed_as"]["top"] for job in log] == [
        None,
        [0, 128, 0],
        [255, 0, 0],
        [0, 128, 0],
    ]


async def test_endpoints_that_know_no_reference_ignore_it(fal: httpx.AsyncClient) -> None:
    uri = data_uri(swatch("green"))
    ticket = (await fal.post("/fal-ai/flux/dev", json=body(**shown(uri)))).json()
    await completed(fal, ticket)
    assert (await fal.get("/_sim/log")).json()[0]["dressed_as"] is None


def swatch(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 60), colour).save(out, "PNG")
    return out.getvalue()


def difference_at(joint: int, one: bytes, other: bytes) -> float:
    """How much two pictures of one seed differ where the waving figure has that joint."""
    x, y = POSES["wav"][joint] or (0, 0)
    there = np.s_[int(256 * y) - 3 : int(256 * y) + 4, int(256 * x) - 3 : int(256 * x) + 4]
    patches = [np.asarray(Image.open(io.BytesIO(data))).astype(float)[there] for data in (one, other)]
    return float(np.abs(patches[0] - patches[1]).mean())


async def test_the_drawn_figure_has_the_asked_pose(fal: httpx.AsyncClient) -> None:
    square = {"image_size": {"width": 256, "height": 256}}
    waving = await picture(fal, **control(pose_map("wav")), **square)
    standing = await picture(fal, **control(pose_map("stand")), **square)
    right_wrist, neck = 4, 1
    assert difference_at(right_wrist, waving, standing) > 3 * difference_at(neck, waving, standing)


async def test_union_controls_and_maps_of_another_size_and_format_pose_it_too(fal: httpx.AsyncClient) -> None:
    jpeg = io.BytesIO()
    Image.open(io.BytesIO(draw_map(POSES["wav"], 640, 800))).save(jpeg, "JPEG", quality=85)
    controls = [{"control_image_url": data_uri(jpeg.getvalue(), "image/jpeg"), "control_mode": "pose"}]
    reply = await result(fal, controlnet_unions=[{"path": "a/union", "controls": controls}])
    assert reply.status_code == 200
    assert (await fal.get("/_sim/log")).json()[0]["posed_by_map"]


async def test_a_map_can_be_fetched_over_http(fal: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "map.png").write_bytes(draw_map(POSES["wav"], 256, 320))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        there = await picture(fal, **control(f"{address}/map.png"))
        missing = await result(fal, **control(f"{address}/other.png"))
        server.shutdown()
        thread.join()
    assert there == await picture(fal, **control(pose_map("wav", 256, 320)))
    assert missing.json()["detail"][0]["type"] == "file_download_error"


async def test_formats_sizes_and_several_pictures(fal: httpx.AsyncClient) -> None:
    reply = await result(fal, output_format="jpeg", image_size="square", num_images=2)
    answer = reply.json()
    files = [await fal.get(image["url"]) for image in answer["images"]]
    assert [file.headers["content-type"] for file in files] == ["image/jpeg"] * 2
    pictures = [Image.open(io.BytesIO(file.content)) for file in files]
    assert [(image.format, image.size) for image in pictures] == [("JPEG", (512, 512))] * 2
    assert files[0].content != files[1].content
    assert answer["has_nsfw_concepts"] == [False, False]


async def test_sync_mode_answers_with_the_picture_itself(fal: httpx.AsyncClient) -> None:
    inline = (await result(fal, sync_mode=True)).json()["images"][0]["url"]
    assert inline == data_uri(await picture(fal))
