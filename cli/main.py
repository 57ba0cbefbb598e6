"""The `posegen` command: `posegen NAME` is `app` of the module beside NAME.

Only the asked command's module is imported, so help and small commands answer at once.
"""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import typer

from cli import exit as way_out

COMMANDS = {
    "up": ("cli.up.command", "Run everything on this machine, with nothing installed but Python."),
    "api": ("cli.api", "Serve the HTTP API and the Studio page."),
    "worker": ("cli.worker", "Run workflows and activities."),
    "migrate": ("cli.migrate", "Bring the database to the newest schema."),
    "seed": ("cli.seed", "Fill the pose library."),
    "sheets": ("cli.sheets", "Draw contact sheets of the pose library."),
    "token": ("cli.token", "Print an API token for a user."),
    "credits": ("cli.credits", "Grant credits to a user."),
    "generate": ("cli.generate", "Start a generation and follow it."),
    "watch": ("cli.watch", "Follow a generation."),
    "simulator": ("cli.simulator", "Serve the image providers' protocols without keys or network."),
    "audit": ("cli.audit", "Check that ledger, items and workflows agree."),
    "codec-server": ("cli.codec_server", "Open sealed payloads for the Temporal Web UI."),
    "doctor": ("cli.doctor.command", "Say what is missing or unreachable, and how to fix it."),
    "reconcile": ("cli.reconcile", "Settle what has lost its workflow, and sweep: one round now."),
    "reseal": ("cli.reseal", "After JWT_SECRET was changed: receivers' secrets go on."),
    "storage": ("cli.storage", "Bring local files to a bucket: storage migrate."),
    "settings": ("cli.settings", "Print the settings, secrets masked."),
}

overview = typer.Typer(
    help="Durable image generation for online sellers. `posegen up` runs all of it here.",
    no_args_is_help=True,
    add_completion=False,
)


@overview.callback()
def _posegen() -> None:
    """Only for help and for words that are no command: the others never come here."""


def _list(name: str, summary: str) -> None:
    @overview.command(name, help=summary)
    def listed() -> None: ...


for _name, (_module, _summary) in COMMANDS.items():
    _list(_name, _summary)


def dispatch(words: list[str]) -> None:
    name = words[0] if words else ""
    if name not in COMMANDS:
        overview(words, prog_name="posegen")
        return
    with _to_stay():
        module = importlib.import_module(COMMANDS[name][0])
    cast("typer.Typer", module.app)(words[1:], prog_name=f"posegen {name}")


@contextmanager
def _to_stay() -> Iterator[None]:
    """What modules make lives as long as the process: looking for garbage in it, again and again while it
    grows, is a quarter of the API's loading, and later a pause of every request.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main() -> None:
    way_out.run(lambda: dispatch(sys.argv[1:]))


if __name__ == "__main__":
    main()
