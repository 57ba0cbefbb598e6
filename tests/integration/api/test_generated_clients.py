"""The OpenAPI document makes clients without a warning, and what it makes works against the served API."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from schema.settings import Settings
from tests.clients import generator
from tests.clients.generator import PACKAGE, Client
from tests.integration.api.conftest import token

CLIENTS = Path(generator.__file__).parent
REFUSED = [["NOT_FOUND", 404], ["INVALID_PROMPT", 400], ["INSUFFICIENT_CREDITS", 402]]


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return create_app(Settings(_env_file=None)).openapi()


def made(document: dict[str, Any], language: str, folders: pytest.TempPathFactory) -> Client:
    return generator.generate(document, language, folders.mktemp(language))


@pytest.fixture(scope="session")
def python(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Client:
    return made(document, "python", tmp_path_factory)


@pytest.fixture(scope="session")
def typescript(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Client:
    client = made(document, "typescript-fetch", tmp_path_factory)
    runtime = client.folder / "runtime.ts"
    # The generator's own part, the same for every document, is not written for strict types.
    runtime.write_text("// @ts-nocheck\n" + runtime.read_text())
    shutil.copy(CLIENTS / "use.ts", client.folder.parent)
    return client


def test_the_document_is_valid_and_follows_the_recommendations(
    document: dict[str, Any], tmp_path: Path
) -> None:
    assert "No validation issues detected." in generator.validate(document, tmp_path)


def test_a_document_with_a_fault_would_be_seen(tmp_path: Path) -> None:
    faulty = generator.SMALLEST | {"paths": {"/a/{id}": {"get": {"responses": {}}}}}
    assert "No validation issues detected." not in generator.validate(faulty, tmp_path)


@pytest.mark.parametrize("language", generator.OPTIONS)
def test_nothing_is_warned_of(language: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    client: Client = request.getfixturevalue(language.removesuffix("-fetch"))
    assert client.complaints - generator.noise(language, tmp_path) == set()


def test_clients_know_the_names_of_the_document_and_no_others(
    document: dict[str, Any], python: Client, typescript: Client
) -> None:
    """A schema written in place gets a name from the generator, which nobody would know it by."""
    names = {name.lower() for name in document["components"]["schemas"]}
    modules = (python.folder / PACKAGE / "models").glob("[a-z]*.py")
    assert {path.stem.replace("_", "") for path in modules} == names
    assert {path.stem.lower() for path in (typescript.folder / "models").glob("[A-Z]*.ts")} == names


async def test_a_shop_in_python(base_url: str, python: Client, poses: list[str], project: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(python.folder)}
    seen = await run(
        sys.executable, "-W", "error", CLIENTS / "use.py", base_url, token(), project, env=environment
    )
    generation_id = seen.pop("started")
    assert seen == {
        "keypoints": 18,
        "price": 180,
        "charged": 180,
        "replayed": "true",
        "status": "pending",
        "history": [generation_id],
        "first event": "snapshot",
        "errors": REFUSED,
    }


async def test_a_front_end_in_typescript(
    base_url: str, typescript: Client, poses: list[str], project: str, tmp_path: Path
) -> None:
    """All of the client's types are checked first, strictly."""
    quiet = {"DENO_DIR": str(tmp_path), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    seen = await run(
        generator.program("deno"),
        "run",
        "--check",
        "--no-lock",
        "--no-remote",
        "--no-npm",
        f"--allow-net={base_url.removeprefix('http://')}",
        typescript.folder.parent / "use.ts",
        base_url,
        token(),
        project,
        env=os.environ | quiet,
    )
    generation_id = seen.pop("started")
    assert seen == {
        "keypoints": 18,
        "price": 180,
        "charged": 180,
        "status": "pending",
        "history": [generation_id],
        "dates": True,
        "errors": REFUSED,
    }


async def run(*command: str | Path, env: dict[str, str]) -> dict[str, Any]:
    """What the program printed, as JSON; the API answers meanwhile."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
    printed, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    seen: dict[str, Any] = json.loads(printed)
    return seen
