"""`posegen up`: the whole product on this machine, up until it is told to stop.

PostgreSQL, Temporal and the simulator (unless a real provider makes the pictures) start at once; then the
database is filled, then worker and API come.
It says `ready` only when a visitor would be served. Ctrl-C stops everything in order, a second one at once.
"""

import asyncio
import importlib
import signal
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.up import claim, cluster, pictures
from cli.up.child import say
from cli.up.services import Options, Services
from cli.up.stack import Stack
from cli.up.supervisor import Supervisor

# Not made by cli.context, which loads the database layer: the servers are to be on their way before that.
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@app.command()
def up(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Where everything is kept.")] = Path(".posegen"),
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the API; 0 takes any free port.")] = 8000,
    temporal_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the Temporal server.")] = 7233,
    ui_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the Temporal Web UI.")] = 8233,
    latency: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long a simulated picture takes.")
    ] = 2,
    simulator: Annotated[
        bool, typer.Option("--simulator", help="Simulated pictures, also where a provider is configured.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Worker processes.")] = 1,
    postgres_at: Annotated[
        Path | None,
        typer.Option(
            "--postgres", envvar="POSEGEN_POSTGRES", metavar="DIR", help="PostgreSQL programs to use."
        ),
    ] = None,
) -> None:
    """Run everything on this machine: database, Temporal, simulator, API, worker, Studio."""
    options = Options(data.resolve(), port, temporal_port, ui_port, latency, workers, postgres_at, simulator)
    asyncio.run(_run(options))


async def _run(options: Options) -> None:
    with claim.claim(options.data) as stack:
        services = Services(stack, options)
        supervisor = Supervisor(stack.log_dir, stack.record)
        work = asyncio.create_task(_serve(services, supervisor, stack, options))
        _on_signals(work, supervisor.hurry)
        await asyncio.wait([work])
        say("stopping")
        await supervisor.stop()
        if not work.cancelled():
            work.result()


def _on_signals(work: asyncio.Task[None], hurry: asyncio.Event) -> None:
    def stop() -> None:
        if work.done() or work.cancelling():
            hurry.set()
        work.cancel()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def _serve(services: Services, supervisor: Supervisor, stack: Stack, options: Options) -> None:
    pictured = ""

    async def start_postgres() -> None:
        home = stack.data_dir / "postgres"
        made = await asyncio.to_thread(cluster.prepare, home, programs_at=options.programs_at)
        await supervisor.start(lambda: services.postgres(made))

    async def look_at_provider() -> None:
        nonlocal pictured
        pictured = await pictures.told(services.settings, simulator=services.simulated)

    say(f"starting in {options.data}")
    await _together(
        supervisor.start(services.temporal),
        *([supervisor.start(services.simulator)] if services.simulated else []),
        start_postgres(),
        asyncio.to_thread(_load),
        look_at_provider(),
    )
    from cli.up import fill  # noqa: PLC0415 - loaded by now

    token = await fill.fill(stack)
    await _together(
        supervisor.start(services.api),
        *([supervisor.start(services.codec)] if services.sealed else []),
        *(supervisor.start(partial(services.worker, number + 1)) for number in range(options.workers)),
    )
    stack.ready = True
    stack.save()
    _announce(stack, token, pictured)
    await asyncio.Event().wait()


def _load() -> None:
    """What takes a second or two and needs no server, so it is done while they start."""
    importlib.import_module("cli.up.fill")
    importlib.import_module("imaging.library").load()


async def _together(*works: Coroutine[object, object, object]) -> None:
    """All or none: the first failure cancels the others and is the one that is told."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _announce(stack: Stack, token: str, pictured: str) -> None:
    print(
        f"Studio       {stack.api_url}/#token={token}",
        f"API          {stack.api_url}/api/apps/pose-generator",
        f"API docs     {stack.api_url}/docs",
        f"Temporal UI  {stack.temporal_ui_url}",
        f"Pictures     {pictured}",
        f"Metrics      {' '.join([f'{stack.api_url}/metrics', *stack.worker_metrics.values()])}",
        f"temporal {stack.temporal_address}",
        f"Data and logs in {stack.data_dir}. Stop with Ctrl-C; the next start goes on from there.",
        f"ready {stack.api_url}",
        sep="\n",
        flush=True,
    )
