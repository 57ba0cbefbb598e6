"""`posegen worker`: one process of the fleet; by default it serves every task queue."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Annotated

import typer

from cli import arenas
from cli.context import DataDir, application, settings
from cli.observed import observed
from schema.errors import Conflict
from telemetry.server import shown
from workflows import names, worker

app = application()


@app.command()
def work(
    queues: Annotated[str, typer.Option(metavar="A,B", help="Serve only these task queues.")] = ",".join(
        names.QUEUES
    ),
    data: DataDir = None,
    *,
    make_current: Annotated[
        bool, typer.Option("--make-current", help="New runs, and those that move on, come to this version.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="So do runs pinned to versions whose workers are gone.")
    ] = False,
) -> None:
    """Run workflows and activities until SIGTERM; what is running then gets time to finish."""
    arenas.share()
    chosen = tuple(queues.split(","))
    unknown = set(chosen) - set(names.QUEUES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are only {', '.join(names.QUEUES)}")
    given = settings(data)
    if (make_current or take_over) and not given.worker_versioning:
        raise typer.BadParameter("There are no versions without WORKER_VERSIONING=true.")
    address = given.worker_metrics_address
    telling = observed(given, "posegen-worker", measured=address is not None)
    with telling, _numbers(address) if address else nullcontext():
        asyncio.run(worker.run(given, chosen, make_current=make_current, take_over=take_over))


@contextmanager
def _numbers(address: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(shown(address))
        except (OSError, OverflowError) as error:
            fix = "Set WORKER_METRICS_ADDRESS to an address of this machine with a free port."
            raise Conflict(f"Metrics cannot be shown at {address} ({error}). {fix}") from error
        yield
