"""`posegen worker`: one process of the fleet; by default it serves every task queue."""

import asyncio
from typing import Annotated

import typer

from cli.context import DataDir, application, settings
from workflows import names, worker

app = application()


@app.command()
def work(
    queues: Annotated[str, typer.Option(metavar="A,B", help="Serve only these task queues.")] = ",".join(
        names.QUEUES
    ),
    data: DataDir = None,
) -> None:
    """Run workflows and activities until SIGTERM; what is running then gets time to finish."""
    chosen = tuple(queues.split(","))
    unknown = set(chosen) - set(names.QUEUES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are only {', '.join(names.QUEUES)}")
    asyncio.run(worker.run(settings(data), chosen))
