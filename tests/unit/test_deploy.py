"""What lies in deploy/ names only settings, commands, options and addresses that there are."""

import importlib
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer
import yaml
from pydantic import AliasChoices

from api.app import create_app
from cli.main import COMMANDS
from schema.settings import Settings
from workflows import names

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OTHERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_INITDB_ARGS", "PATH"}
"""Variables of other programs."""


def settings_there_are() -> set[str]:
    known = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        known |= {str(choice) for choice in alias.choices} if isinstance(alias, AliasChoices) else {name}
    return {name.upper() for name in known}


def documents() -> list[dict[str, Any]]:
    return [found for file in MANIFESTS for found in yaml.safe_load_all(file.read_text())]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    return found


def containers() -> list[dict[str, Any]]:
    specs = [
        each["spec"]["template"]["spec"] for each in documents() if each["kind"] in {"Deployment", "Job"}
    ]
    return [one for spec in specs for one in (*spec["containers"], *spec.get("initContainers", ()))]


def variables() -> Iterator[str]:
    example = (DEPLOY / "posegen.env.example").read_text()
    yield from re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    yield from re.findall(r"\b([A-Z][A-Z0-9_]+)=", (DEPLOY / "Dockerfile").read_text())
    for service in compose().values():
        yield from service.get("environment", {})
    for found in documents():
        yield from found.get("data", {}) if found["kind"] == "ConfigMap" else ()
    for container in containers():
        yield from (each["name"] for each in container.get("env", ()))


def commands() -> Iterator[list[str]]:
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S+/posegen (.*)$", unit.read_text(), re.MULTILINE):
            yield shlex.split(line.replace("%i", names.FLUX))
    yield from (service["command"] for service in compose().values() if "command" in service)
    yield from (container["args"] for container in containers())


def test_every_variable_is_a_setting() -> None:
    set_there = set(variables())
    assert len(set_there) > 20
    assert set_there - settings_there_are() - OTHERS == set()


def test_every_command_and_option_exists_and_every_queue_has_a_worker() -> None:
    served: set[str] = set()
    for command, *words in commands():
        app = cast("typer.Typer", importlib.import_module(COMMANDS[command][0]).app)
        context = typer.main.get_command(app).make_context(command, [str(word) for word in words])
        served |= set(context.params.get("queues", "").split(",")) - {""}
    assert served == set(names.QUEUES)


def test_probes_ask_what_answers() -> None:
    there = set(create_app(Settings(_env_file=None)).openapi()["paths"]) | {"/metrics"}
    probes = [
        probe["httpGet"]["path"]
        for container in containers()
        for name, probe in container.items()
        if name.endswith("Probe")
    ]
    assert len(probes) == 6
    assert set(probes) <= there
    assert "/readyz" in str(compose()["api"]["healthcheck"])


def test_each_scaler_grows_the_pool_of_its_queue() -> None:
    pools = {each["metadata"]["name"]: each for each in documents() if each["kind"] == "Deployment"}
    scaled = [each for each in documents() if each["kind"] == "ScaledObject"]
    assert len(scaled) == 3
    for each in scaled:
        [container] = pools[each["spec"]["scaleTargetRef"]["name"]]["spec"]["template"]["spec"]["containers"]
        asked = {trigger["metadata"]["taskQueue"] for trigger in each["spec"]["triggers"]}
        assert asked == set(container["args"][-1].split(","))


def test_nobody_runs_as_root_or_with_more_than_it_needs() -> None:
    assert re.findall(r"^USER (\S+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE) == ["10001"]
    for container in containers():
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    for unit in UNITS:
        assert "User=posegen" in unit.read_text()


def test_the_image_gets_every_package() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    project = (DEPLOY.parent / "pyproject.toml").read_text()
    [packages] = re.findall(r"^include = \[(.*)\]$", project, re.MULTILINE)
    assert copied == {name.strip(' "*') for name in packages.split(",")}
    allowed = (DEPLOY.parent / ".dockerignore").read_text()
    assert all(f"!{name}\n" in allowed for name in copied)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With the program in a place where there is one."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/posegen/bin/posegen", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    assert [line for line in told.stderr.splitlines() if "posegen" in line] == []
