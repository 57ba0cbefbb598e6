"""Who makes the pictures of `posegen up`: a provider that is named and can be reached, else the simulator."""

import os
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic_settings import SettingsConfigDict

from cli.up import pictures, process
from cli.up.services import Options, Services
from cli.up.stack import Stack
from schema.settings import Settings
from tests.chaos.scene import opened
from tests.servers.providers import FAL, form_settings
from tests.servers.simulator import simulator
from tests.servers.up import Up, posegen_up

SOON = ("--latency", "0.1")
ITEMS = 2


async def makers(up: Up, sim_url: str = "") -> set[str]:
    """Who made the pictures of an order, as the items say."""
    async with opened(up, sim_url=sim_url) as scene:
        generation = await scene.order(ITEMS)
        await scene.delivers(generation, ITEMS)
        return {str(item.provider) for item in await scene.shop.items(generation)}


async def test_a_provider_without_key_and_url_is_simulated() -> None:
    with posegen_up(*SOON, FLUX_PROVIDER="comfyui", FAL_KEY="of another provider") as up:
        assert "Pictures     from the simulator, which speaks as comfyui." in up.announced
        assert await makers(up) == {"comfyui"}


async def test_a_configured_provider_is_asked_and_no_simulator_started() -> None:
    """The one configured here is played by a simulator that the stack knows nothing of."""
    with simulator("--latency-s", "0.1", "--key", "right") as url:
        hub = {"HUGGINGFACE_URL": f"{url}/huggingface", "HUGGINGFACE_HUB_URL": f"{url}/huggingface"}
        hosts = {"FAL_ALLOWED_HOSTS": '["127.0.0.1"]'}
        with posegen_up(FLUX_PROVIDER="huggingface", HUGGINGFACE_API_KEY="right", **hub, **hosts) as up:
            assert "Pictures     from huggingface: the key is simulator's; fal-ai serves" in up.announced
            assert "simulator" not in {child.name for child in up.stack.processes}
            assert "right" not in (up.data / "stack.json").read_text(), "the key stays where it was"
            assert await makers(up, url) == {"huggingface"}
        async with httpx.AsyncClient(base_url=url) as books:
            assert len((await books.get("/_sim/log")).json()) == ITEMS


async def test_a_refused_key_is_told_at_the_start() -> None:
    with simulator("--key", "right") as url:
        wrong = Settings(_env_file=None, **form_settings(FAL, url, "wrong"))
        said = await pictures.told(wrong, simulator=False)
    assert said.startswith("from fal, WHICH DOES NOT WORK NOW: our account is refused. (401, ")
    assert said.endswith("posegen doctor")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"FLUX_PROVIDER": "comfyui", "COMFYUI_URL": "http://gpu.example:8188"},
            "COMFYUI_URL must be an https URL",
        ),
        ({"MATTING_MODEL": "/none.onnx"}, "MATTING_MODEL: there is no file /none.onnx"),
    ],
)
def test_what_can_never_work_ends_the_start(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    up = Up(tmp_path, wrong)
    with pytest.raises(pytest.fail.Exception, match=said):
        up.start()
    assert up.stop() == 1
    assert "Traceback" not in up.said


class InFile(Settings):
    model_config = SettingsConfigDict(env_file="pictures.env")


@pytest.mark.parametrize(
    ("configured", "real"),
    [
        ("", False),
        ("FAL_KEY=k", False),
        ("FLUX_PROVIDER=fal", False),
        ("FLUX_PROVIDER=fal\nHUGGINGFACE_API_KEY=k\nCOMFYUI_URL=https://c", False),
        ("FLUX_PROVIDER=fal\nFAL_KEY=", False),
        ("FLUX_PROVIDER=fal\nFAL_KEY=k", True),
        ("FLUX_PROVIDER=huggingface\nHUGGINGFACE_API_KEY=k", True),
        ("FLUX_PROVIDER=comfyui\nCOMFYUI_URL=http://127.0.0.1:8188", True),
    ],
)
def test_only_what_is_named_and_can_be_reached_is_asked(
    configured: str, *, real: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pictures.env").write_text(configured)
    assert pictures.real(InFile()) is real


def test_the_simulator_can_be_asked_for_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUX_PROVIDER", "fal")
    monkeypatch.setenv("FAL_KEY", "k")
    options = Options(tmp_path, 0, 0, 0, latency_s=0, workers=1, programs_at=None)
    stacks = [Stack(data_dir=tmp_path, supervisor=process.mark("test", os.getpid())) for _ in range(2)]
    assert not Services(stacks[0], options).simulated
    assert "FAL_KEY" not in stacks[0].environment()
    simulated = Services(stacks[1], replace(options, simulator=True))
    assert simulated.simulated
    simulated.simulator()
    assert stacks[1].environment()["FAL_KEY"] == "simulator"


def test_one_gpu_is_not_flooded() -> None:
    comfyui = {"flux_provider": "comfyui", "comfyui_url": "http://127.0.0.1:8188"}
    given = Settings(_env_file=None, **comfyui)  # type: ignore[arg-type]
    assert pictures.own(given)["FLUX_CONCURRENCY"] == "2"
    assert "FLUX_CONCURRENCY" not in pictures.own(given.model_copy(update={"flux_concurrency": 4}))
