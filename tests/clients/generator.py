"""Clients generated from a document, offline: openapi-generator, its Java and Deno all come in wheels."""

import json
import re
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "pose_client"
OPTIONS: Final = {
    "python": f"packageName={PACKAGE}",
    "typescript-fetch": "importFileExtension=.ts",
}
SMALLEST: Final[dict[str, Any]] = {
    "openapi": "3.0.3",
    "info": {"title": "Small", "version": "1"},
    "paths": {},
    "components": {"schemas": {"A": {"type": "object", "properties": {"b": {"type": "string"}}}}},
}


@dataclass(frozen=True)
class Client:
    folder: Path
    complaints: frozenset[str]
    """What the generator warned of."""


def generate(document: dict[str, Any], language: str, folder: Path) -> Client:
    source = _written(document, folder)
    made = folder / "client"
    said = _generator("generate", "-g", language, "-i", source, "-o", made, "-p", OPTIONS[language])
    return Client(made, frozenset(re.findall(r"\] (?:WARN|ERROR) +(.+)", said)))


def noise(language: str, folder: Path) -> frozenset[str]:
    """What the generator warns of whatever it is given: no document can mend that."""
    return generate(SMALLEST, language, folder).complaints


def validate(document: dict[str, Any], folder: Path) -> str:
    return _generator("validate", "--recommend", "-i", _written(document, folder))


def program(name: str) -> Path:
    return Path(sysconfig.get_path("scripts")) / name


def _written(document: dict[str, Any], folder: Path) -> Path:
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    return path


def _generator(*arguments: str | Path) -> str:
    command = [program("openapi-generator-cli"), *arguments]
    pipe = subprocess.PIPE
    done = subprocess.run(command, check=False, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    return done.stdout
