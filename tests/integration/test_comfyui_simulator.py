"""What only ComfyUI has: runs found again by their ids, graphs of one's own, interrupts with an address."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.providers import Handle, PictureRequest
from adapters.providers.comfyui import ComfyProvider, graph
from adapters.providers.comfyui.runs import run_id
from imaging.openpose import draw_map
from schema.errors import ItemError, ProviderRejected, ProviderUnavailable, SubmitUnclear
from schema.settings import Settings
from simulator.stock_poses import POSES
from tests.servers.simulator import simulator as a_simulator

MAP = draw_map(POSES["wav"], 256, 256)
Open = Callable[..., ComfyProvider]


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with a_simulator("--latency-s", "0.05", "--concurrency", "1") as url:
        yield url


@pytest.fixture
async def sim(simulator: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=simulator) as client:
        yield client
        (await client.delete("/_sim")).raise_for_status()


@pytest.fixture
async def comfy(simulator: str, sim: httpx.AsyncClient) -> AsyncIterator[Open]:
    providers: list[ComfyProvider] = []

    def opened(*, sleep: Any = asyncio.sleep, **changes: Any) -> ComfyProvider:
        settings = Settings(_env_file=None, comfyui_url=f"{simulator}/comfyui", **changes)
        providers.append(ComfyProvider(settings, sleep=sleep))
        return providers[-1]

    yield opened
    for provider in providers:
        await provider.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return f"item-of-{request.node.name}"


def ask(key: str, pose_map: bytes | None = MAP) -> PictureRequest:
    return PictureRequest("a woman waving", "", 5, 256, 256, pose_map, key=key)


async def submitted(sim: httpx.AsyncClient) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = (await sim.get("/_sim/log")).json()
    return log


@pytest.mark.parametrize("kind", ["cut", "cut_halfway", "silence", "reset"])
async def test_a_submit_whose_answer_was_lost_is_found_and_not_run_twice(
    comfy: Open, sim: httpx.AsyncClient, key: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.providers.wire.SUBMIT_S", 3)
    await sim.post("/_sim/faults", json=[{"kind": kind, "stage": "submit"}])
    provider = comfy()
    with pytest.raises(ProviderUnavailable):
        await provider.submit(ask(key))
    handle = await provider.submit(ask(key))
    assert handle.request_id == run_id(key, 0)
    assert (await provider.wait(handle)).data
    assert len(await submitted(sim)) == 1


async def test_who_never_heard_of_the_handle_gets_the_same_run(
    comfy: Open, sim: httpx.AsyncClient, key: str
) -> None:
    await sim.post("/_sim/faults", json=[{"kind": "never_ends", "count": 1}])
    first = await comfy().submit(ask("somebody-else"))
    handles = [await comfy().submit(ask(key)) for _ in range(2)]  # in the queue
    await comfy().cancel(first)
    handles.append(await comfy().submit(ask(key)))  # running
    picture = await comfy().wait(handles[0])
    handles.append(await comfy().submit(ask(key)))  # finished
    assert {handle.request_id for handle in handles} == {run_id(key, 0)}
    assert (await comfy().wait(handles[-1])).data == picture.data
    assert len(await submitted(sim)) == 2


async def test_after_a_run_that_failed_comes_another(comfy: Open, sim: httpx.AsyncClient, key: str) -> None:
    await sim.post("/_sim/faults", json=[{"kind": "out_of_memory", "count": 2}])
    provider = comfy()
    for number in range(2):
        handle = await provider.submit(ask(key))
        assert handle.request_id == run_id(key, number)
        with pytest.raises(ProviderUnavailable) as caught:
            await provider.wait(handle)
        assert caught.value.details["exception"] == "torch.OutOfMemoryError"
    handle = await provider.submit(ask(key))
    assert (handle.request_id, (await provider.wait(handle)).seed) == (run_id(key, 2), None)


async def test_an_interrupted_run_is_over_and_another_may_begin(
    comfy: Open, sim: httpx.AsyncClient, key: str
) -> None:
    await sim.post("/_sim/faults", json=[{"kind": "never_ends", "count": 1}])
    provider = comfy()
    handle = await provider.submit(ask(key))
    await provider.cancel(handle)
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.wait(handle)
    assert caught.value.details["event"] == "execution_interrupted"
    assert (await provider.submit(ask(key))).request_id == run_id(key, 1)


async def test_what_a_restarted_server_has_forgotten_is_lost(comfy: Open) -> None:
    slept: list[float] = []

    async def sleep(delay_s: float) -> None:
        slept.append(delay_s)

    with pytest.raises(SubmitUnclear) as caught:
        await comfy(sleep=sleep).wait(Handle(provider="comfyui", request_id="forgotten"))
    assert caught.value.details["request_id"] == "forgotten"
    assert 15 <= sum(slept) < 20, "a queue is given a moment"


async def test_cancelling_never_hits_somebody_elses_run(
    comfy: Open, sim: httpx.AsyncClient, key: str
) -> None:
    provider = comfy()
    done = await provider.submit(ask(key))
    await provider.wait(done)
    await sim.post("/_sim/faults", json=[{"kind": "never_ends", "count": 1}])
    other = await provider.submit(ask("other"))
    await provider.cancel(done)
    await provider.cancel(Handle(provider="comfyui", request_id="unknown"))
    stats = (await sim.get("/_sim/stats")).json()
    assert (stats["cancelled"], stats["in_progress"]) == (0, 1)
    await provider.cancel(other)


async def test_a_cancel_that_meets_trouble_does_not_raise(
    comfy: Open, sim: httpx.AsyncClient, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await sim.post("/_sim/faults", json=[{"kind": "never_ends"}, {"kind": "error_500", "stage": "cancel"}])
    provider = comfy()
    handle = await provider.submit(ask(key))
    await provider.cancel(handle)
    assert "could not be cancelled: ProviderUnavailable" in caplog.text
    await provider.cancel(handle)
    assert (await sim.get("/_sim/stats")).json()["cancelled"] == 1


async def test_the_map_of_a_pose_is_stored_once(comfy: Open, sim: httpx.AsyncClient, key: str) -> None:
    provider = comfy()
    for number in range(2):
        await provider.wait(await provider.submit(ask(f"{key}-{number}")))
    runs = [(await sim.get(f"/comfyui/history/{run_id(f'{key}-{number}', 0)}")).json() for number in range(2)]
    names = {entry["prompt"][2]["map"]["inputs"]["image"] for run in runs for entry in run.values()}
    assert len(names) == 1
    assert names.pop().startswith("posegen/")


async def test_a_graph_does_not_travel_with_its_pictures(
    comfy: Open, sim: httpx.AsyncClient, key: str
) -> None:
    provider = comfy()
    handle = await provider.submit(ask(key))
    picture = await provider.wait(handle)
    (entry,) = (await sim.get(f"/comfyui/history/{handle.request_id}")).json().values()
    raw = (await sim.get("/comfyui/view", params=entry["outputs"]["picture"]["images"][0])).content
    assert b"flux1-dev.safetensors" in raw
    assert b"flux1-dev.safetensors" not in picture.data


async def test_without_a_map_the_net_has_no_strength(comfy: Open, sim: httpx.AsyncClient, key: str) -> None:
    provider = comfy()
    handle = await provider.submit(ask(key, pose_map=None))
    await provider.wait(handle)
    (entry,) = (await sim.get(f"/comfyui/history/{handle.request_id}")).json().values()
    assert entry["prompt"][2]["control"]["inputs"]["strength"] == 0
    assert [job["posed_by_map"] for job in await submitted(sim)] == [False]


def own_graph(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The shipped graph as an editor would number it, changed."""
    nodes = graph.load(None).nodes
    numbers = {node_id: str(number) for number, node_id in enumerate(nodes, start=3)}
    text = json.dumps({numbers[node_id]: node for node_id, node in nodes.items()})
    for node_id, number in numbers.items():
        text = text.replace(f'["{node_id}", ', f'["{number}", ')
    numbered = json.loads(text)
    change({node["class_type"]: node for node in numbered.values()})
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(numbered))
    return path


async def test_a_graph_of_ones_own_is_run(
    comfy: Open, sim: httpx.AsyncClient, key: str, tmp_path: Path
) -> None:
    def change(kinds: dict[str, Any]) -> None:
        kinds["KSampler"]["inputs"]["steps"] = 12
        kinds["SaveImage"]["class_type"] = "PreviewImage"

    provider = comfy(comfyui_graph=own_graph(tmp_path, change))
    handle = await provider.submit(ask(key))
    assert (await provider.wait(handle)).data.startswith(b"\x89PNG")
    (entry,) = (await sim.get(f"/comfyui/history/{handle.request_id}")).json().values()
    steps = [node["inputs"]["steps"] for node in entry["prompt"][2].values() if "steps" in node["inputs"]]
    assert steps == [12]
    assert "all nodes and model files" in await provider.check()


async def test_what_the_server_lacks_is_named(comfy: Open, key: str, tmp_path: Path) -> None:
    def change(kinds: dict[str, Any]) -> None:
        kinds["UNETLoader"]["inputs"]["unet_name"] = "mine.safetensors"
        kinds["KSampler"]["inputs"]["scheduler"] = "unheard-of"

    provider = comfy(comfyui_graph=own_graph(tmp_path, change))
    with pytest.raises(ProviderRejected) as caught:
        await provider.submit(ask(key))
    assert "unet_name: 'mine.safetensors' not in" in str(caught.value.details["nodes"])
    with pytest.raises(ProviderRejected) as caught:
        await provider.check()
    assert "UNETLoader knows no unet_name 'mine.safetensors' (there is flux1-dev" in caught.value.message
    assert "KSampler knows no scheduler 'unheard-of' (there is simple, beta, normal)" in caught.value.message


async def test_a_node_that_is_not_installed_is_named(comfy: Open, key: str, tmp_path: Path) -> None:
    def change(kinds: dict[str, Any]) -> None:
        kinds["FluxGuidance"]["class_type"] = "Fancy Guidance"

    provider = comfy(comfyui_graph=own_graph(tmp_path, change))
    for trial in (provider.submit(ask(key)), provider.check()):
        with pytest.raises(ItemError) as caught:
            await trial
        assert type(caught.value) is ProviderRejected
        assert "Fancy Guidance" in f"{caught.value.message} {caught.value.details}"


async def test_a_run_that_puts_out_nothing_is_refused(
    comfy: Open, sim: httpx.AsyncClient, key: str, tmp_path: Path
) -> None:
    """Two output nodes, and the one that is ours is not among the good ones."""

    def change(kinds: dict[str, Any]) -> None:
        del kinds["SaveImage"]["_meta"]
        kinds["SaveImage"]["title"] = "another"

    path = own_graph(tmp_path, change)
    nodes = json.loads(path.read_text())
    nodes["99"] = {"class_type": "PreviewImage", "inputs": {}, "_meta": {"title": "posegen: picture"}}
    path.write_text(json.dumps(nodes))
    provider = comfy(comfyui_graph=path)
    with pytest.raises(ProviderRejected) as caught:
        await provider.wait(await provider.submit(ask(key)))
    assert "put out no picture" in caught.value.details["reason"]
