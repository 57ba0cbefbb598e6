"""`posegen doctor`, with storage, provider, settings or API really broken: what it finds and how it ends."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cli.doctor import entrance, pictures
from cli.doctor.examination import Broken, Check, Doubtful, State, examine
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.examined import GOOD_SECRET, NOWHERE, looked_over, troubled
from tests.servers.providers import COMFYUI, FAL, HF_QUEUE, form_settings
from tests.servers.seaweed import S3Endpoint
from tests.servers.simulator import simulator
from tests.servers.storage import s3_settings


async def test_where_all_is_well_nothing_is_broken(door: str, settings: Settings) -> None:
    findings = await looked_over(settings)
    assert {name: found for name, found in findings.items() if found.state is not State.OK} == {}
    assert door in findings["api"].found
    assert [path for path in settings.storage_local_path.rglob("*") if path.is_file()] == []


async def test_a_bucket_that_is_missing_closed_or_away_is_told_apart(
    settings: Settings, s3_server: S3Endpoint
) -> None:
    place = s3_settings(s3_server)
    place |= {name: SecretStr(place[name]) for name in ("s3_access_key", "s3_secret_key")}
    missing = (await looked_over(settings, **place))["storage"]
    assert "NoSuchBucket" in missing.found
    assert missing.fix.startswith("Create the bucket")
    closed = (await looked_over(settings, **place | {"s3_secret_key": SecretStr("wrong")}))["storage"]
    assert closed.fix.startswith("Correct S3_ACCESS_KEY")
    away = (await looked_over(settings, **place | {"s3_endpoint": f"http://{NOWHERE}"}))["storage"]
    assert "S3_ENDPOINT" in away.fix
    unset = await looked_over(settings, storage_mode="s3")
    assert "also needs S3_ENDPOINT" in unset["configuration"].found
    assert unset.keys().isdisjoint({"storage", "provider", "workers", "api"})


async def test_a_folder_that_takes_no_files_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("")
    findings = await looked_over(settings, storage_local_path=tmp_path / "occupied" / "files")
    assert findings["storage"].found.endswith(": Not a directory.")
    assert "STORAGE_LOCAL_PATH" in findings["storage"].fix


async def test_a_disk_that_fills_up_is_a_warning_and_then_broken(settings: Settings) -> None:
    with pytest.raises(Doubtful, match=r"only \d+ MiB free") as filling:
        await pictures.has_room(settings, enough=1 << 60)
    assert filling.value.state is State.WARNING
    with pytest.raises(Broken) as full:
        await pictures.has_room(settings, enough=1 << 60, least=1 << 60)
    assert full.value.state is State.BROKEN


@pytest.mark.parametrize(
    ("form", "setting"),
    [(FAL, "FAL_KEY"), (HF_QUEUE, "HUGGINGFACE_API_KEY"), (COMFYUI, "COMFYUI_API_KEY")],
)
async def test_a_provider_with_a_wrong_key_or_away_is_told(
    settings: Settings, form: str, setting: str
) -> None:
    def by(url: str, key: str) -> dict[str, Any]:
        values = form_settings(form, url, key)
        return values | {name: SecretStr(key) for name in values if name.endswith("_key")} | {"fal_key": key}

    with simulator("--key", "right") as url:
        wrong = (await looked_over(settings, **by(url, "wrong")))["provider"]
        right = (await looked_over(settings, **by(url, "right")))["provider"]
    away = (await looked_over(settings, **by(url, "right")))["provider"]
    assert (wrong.state, right.state, away.state) == (State.BROKEN, State.OK, State.BROKEN)
    assert ": our account is refused. (401, " in wrong.found
    assert setting in wrong.fix
    assert "does not answer" in away.found
    assert away.fix.startswith("Start it")


async def test_a_missing_key_is_the_first_cause_and_its_consequences_are_not_told(settings: Settings) -> None:
    findings = await looked_over(settings, fal_queue_url="https://queue.fal.run", fal_key="")
    assert troubled(findings)[0] == "configuration"
    assert "FAL_KEY is not set" in findings["configuration"].found
    assert findings.keys().isdisjoint({"provider", "workers", "api"})


async def test_a_model_that_is_not_there_keeps_workers_from_starting(settings: Settings) -> None:
    findings = await looked_over(settings, matting_model=Path("/none.onnx"))
    assert troubled(findings)[0] == "configuration"
    assert findings["configuration"].found == "MATTING_MODEL: there is no file /none.onnx."


async def test_a_gpu_that_is_asked_for_too_much_is_a_warning(settings: Settings) -> None:
    assert (await looked_over(settings, flux_provider="comfyui"))["calls"].state is State.WARNING
    assert (await looked_over(settings, flux_provider="comfyui", flux_concurrency=2))[
        "calls"
    ].state is State.OK


async def test_an_api_that_is_away_or_another_program_is_told(settings: Settings, simulator_url: str) -> None:
    assert "nobody answers" in (await looked_over(settings))["api"].found
    other = await looked_over(settings, public_base_url=simulator_url)
    assert "something else than posegen" in other["api"].found
    nonsense = await looked_over(settings, public_base_url="http://[::1")
    assert "PUBLIC_BASE_URL is no URL" in nonsense["secret"].found
    assert "api" not in nonsense
    hidden = await looked_over(settings, environment="production")
    assert "only this machine can reach" in hidden["api"].found


async def test_numbers_that_everybody_can_read_are_a_warning_in_production(
    door: str, settings: Settings
) -> None:
    live = settings.model_copy(update={"environment": "production"})
    with pytest.raises(Doubtful, match=f"everybody can read {door}/metrics") as warning:
        await entrance.numbers_are_guarded(live)
    assert "METRICS_TOKEN" in warning.value.fix
    for guarded in ({"metrics_token": GOOD_SECRET}, {"public_base_url": f"http://{NOWHERE}"}):
        assert await entrance.numbers_are_guarded(live.model_copy(update=guarded))


async def test_weak_secrets_and_an_issuer_without_keys_are_told(settings: Settings) -> None:
    weak = await looked_over(settings, jwt_secret=SecretStr("short"), jwt_jwks_url=f"http://{NOWHERE}/keys")
    assert weak["secret"].state is State.WARNING
    assert "JWT_SECRET" in weak["secret"].fix
    assert "gives no keys" in weak["issuer"].found
    served = await looked_over(settings, public_base_url="https://shop.invalid")
    assert "development mode, served at https://shop.invalid" in served["secret"].found


def posegen_doctor(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-P", "-m", "cli.main", "doctor", *words]
    return subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_its_exit_code_says_whether_something_is_broken(settings: Settings, tmp_path: Path) -> None:
    done = posegen_doctor(tmp_path, "--json", DATABASE_URL=f"postgresql://u:p@{NOWHERE}/d")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    assert {"check", "state", "found", "fix"} == told["findings"][0].keys()
    plain = posegen_doctor(
        tmp_path, DATABASE_URL=f"postgresql://u:p@{NOWHERE}/d", FAL_QUEUE_URL="http://[::1]"
    )
    assert plain.stdout.splitlines()[-1].endswith("Begin with: database.")
    unusable = posegen_doctor(tmp_path, "--json", ENVIRONMENT="production", JWT_SECRET="hunter2")
    assert unusable.returncode == 1
    assert [finding["check"] for finding in json.loads(unusable.stdout)["findings"]] == ["settings"]
    assert "hunter2" not in unusable.stdout + unusable.stderr
    gone = posegen_doctor(tmp_path, "--data", str(tmp_path))
    assert (gone.returncode, "No running stack" in gone.stdout) == (1, True)


async def test_checks_run_at_once_and_one_that_fails_oddly_ends_no_other() -> None:
    async def slow() -> str:
        begun.append(time.monotonic())
        await eventually(both, bool)
        return "done"

    async def both() -> bool:
        return len(begun) == 2

    async def odd() -> str:
        raise RuntimeError("who knows")

    async def never() -> str:
        pytest.fail("its cause is broken")

    begun: list[float] = []
    checks = [Check("odd", odd), Check("a", slow), Check("b", slow), Check("c", never, ("odd",))]
    findings = await examine([*checks, Check("d", never, ("c",))])
    assert [(finding.check, finding.state) for finding in findings] == [
        ("odd", State.BROKEN),
        ("a", State.OK),
        ("b", State.OK),
    ]
    assert "who knows" in findings[0].found
