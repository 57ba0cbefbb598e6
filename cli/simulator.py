"""`posegen simulator`: becomes the simulator, a program of its own that nothing here imports."""

import os
import sys

import typer

from cli.context import application

app = application()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def become(context: typer.Context) -> None:
    """Serve the image providers' protocols without keys or network."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "simulator", *context.args])  # noqa: S606 - no shell
