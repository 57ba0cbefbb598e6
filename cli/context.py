"""What all commands share: how they are declared, and which settings they work with."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.up.stack import Stack
from schema.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Use the running `posegen up` of this folder, not the settings."
    ),
]
USUAL_DATA = Path(".posegen")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def application(summary: str = "") -> typer.Typer:
    """The Typer application of one command, `app` of its module."""
    return typer.Typer(help=summary or None, add_completion=False, pretty_exceptions_enable=False)


def printed(facts: Mapping[str, Any], words: str, *, as_json: bool) -> None:
    """For programs or for people."""
    print(json.dumps(facts) if as_json else words)


def settings(data: Path | None) -> Settings:
    """Of the stack that runs in `data`, else of the environment; `posegen`'s own children see the same.

    Where neither says which servers to use, a stack that runs in the usual folder here is meant.
    """
    if data is not None:
        os.environ.update(Stack.load(data.resolve()).environment())
    elif "database_url" not in Settings().model_fields_set and (stack := Stack.running(USUAL_DATA)):
        os.environ.update(stack.environment())
    return Settings()
