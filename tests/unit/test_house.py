"""The house stands as drawn: imports run one way, and no layer touches what is not its business."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from schema.settings import Settings
from workflows.pools import WORKFLOWS

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "telemetry": set(),
    "schema": {"telemetry"},
    "imaging": {"schema"},
    "adapters": {"imaging", "schema", "telemetry"},
    "activities": {"adapters", "imaging", "schema", "telemetry"},
    "workflows": {"activities", "adapters", "imaging", "schema", "telemetry"},
    "api": {"workflows", "activities", "adapters", "imaging", "schema", "telemetry"},
    "simulator": {"imaging", "schema", "telemetry"},
    "cli": {"api", "workflows", "activities", "adapters", "imaging", "schema", "simulator", "telemetry"},
}
FOLDERS = frozenset(MAY_IMPORT) | {"tests", "bench", "studio"}

FORBIDDEN = {
    "imaging": {"sqlalchemy", "sqlmodel", "temporalio", "httpx", "fastapi", "minio"},
    "adapters": {"sqlalchemy", "sqlmodel", "temporalio", "fastapi"},
    "schema": {"temporalio", "fastapi", "httpx", "minio"},
    "activities": {"fastapi", "sqlalchemy", "sqlmodel"},
    "workflows/generation.py": {"sqlalchemy", "sqlmodel", "httpx", "PIL", "asyncpg", "psycopg"},
    "schema/messages": {"sqlalchemy", "sqlmodel"},
    "api/routes": {"sqlalchemy", "sqlmodel", "temporalio"},
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def backward(folder: str, file: Path) -> list[str]:
    allowed = MAY_IMPORT[folder] | {folder}
    tops = {name.partition(".")[0] for name in imports(file)}
    return sorted((tops & FOLDERS) - allowed)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_run_one_way(folder: str) -> None:
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in (ROOT / folder).rglob("*.py")
        if (found := backward(folder, file))
    }
    assert wrong == {}


def test_a_backward_import_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("from workflows.generation import GenerationWorkflow\nimport api.app\n")
    assert backward("activities", file) == ["api", "workflows"]


@pytest.mark.parametrize("place", FORBIDDEN)
def test_no_layer_touches_what_is_not_its_business(place: str) -> None:
    path = ROOT / place
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert files
    wrong = {
        str(file.relative_to(ROOT)): touched
        for file in files
        if (touched := {name.partition(".")[0] for name in imports(file)} & FORBIDDEN[place])
    }
    assert wrong == {}


CLOCKS_AND_DICE = {"time", "random", "uuid", "secrets", "os", "threading", "socket", "subprocess"}


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def not_deterministic(file: Path) -> set[str]:
    return {name for name in imports(file) if name.partition(".")[0] in CLOCKS_AND_DICE} | {
        call
        for call in calls(file)
        if call.endswith((".now", ".today", ".utcnow")) and call != "workflow.now"
    }


def made_of(modules: set[str]) -> set[Path]:
    """The files of these modules of workflows/, of those that they import from there, and so on."""
    files: set[Path] = set()
    while modules:
        found = {ROOT / (module.replace(".", "/") + ".py") for module in modules} - files
        files |= found
        modules = {name for file in found for name in ours(file)}
    return files


def ours(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "workflows":
            yield from (f"workflows.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workflows."):
            yield str(node.module)


def test_what_workflows_are_made_of_is_deterministic() -> None:
    """No sandbox watches them when they run (workflows.runner)."""
    files = made_of({workflow.__module__ for workflow in WORKFLOWS})
    assert {"generation.py", "batch.py", "steps.py", "webhook.py", "reconcile.py"} <= {f.name for f in files}
    assert {file.name: found for file in files if (found := not_deterministic(file))} == {}


def test_a_clock_in_a_workflow_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("import random\nfrom datetime import datetime\nat = datetime.now()\n")
    assert not_deterministic(file) == {"random", "datetime.now"}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for folder in MAY_IMPORT
        for file in (ROOT / folder).rglob("*.py")
        if "os.environ" in file.read_text("utf-8") or "getenv" in file.read_text("utf-8")
    }
    assert {file for file in readers if not file.startswith("cli/")} == set()


def test_each_route_names_its_operation() -> None:
    """It is the method's name in every generated client: give the route `operation_id="listThings"`."""
    app = create_app(Settings(_env_file=None))
    assert app.openapi(), "the document can be made of them"
    shown = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    names = Counter(route.operation_id or f"none at {route.path}" for route in shown)
    assert [name for name in names if not re.fullmatch("[a-z]+([A-Z][a-z]+)+", name)] == []
    assert [name for name, count in names.items() if count > 1] == []
