"""The worker process: what it holds open is built once, and it serves until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from schema.settings import Settings
from workflows import names, rounds, versions
from workflows.client import connect
from workflows.pools import GRACE, POOLS
from workflows.tools import open_tools

log = logging.getLogger(__name__)


async def run(
    settings: Settings,
    queues: Sequence[str] = names.QUEUES,
    *,
    make_current: bool = False,
    take_over: bool = False,
) -> None:
    """Until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    client = await connect(settings, lazy=False)
    await rounds.require_readable(client)
    async with serving(settings, client, queues):
        if names.ORCHESTRATION in queues:
            await _schedule(client)
        log.info("serving %s", ", ".join(queues))
        async with (
            versions.becoming_current(client, settings, take_over=take_over)
            if settings.worker_versioning and (make_current or take_over)
            else nullcontext()
        ):
            await stop.wait()
        log.info("stopping: what is running gets %d s", GRACE.total_seconds())


async def _schedule(client: Client) -> None:
    """By the workers that would run it, so a new namespace has it too. Without it they still serve."""
    try:
        await rounds.schedule(client)
    except RPCError:
        log.exception("the schedule of reconciling could not be set")


@asynccontextmanager
async def serving(
    settings: Settings, client: Client, queues: Sequence[str] = names.QUEUES
) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        tools = open_tools(settings, stack)
        workers = [POOLS[queue](client, tools) for queue in queues]  # what cannot work starts none
        for each in workers:
            await stack.enter_async_context(each)
        stack.push_async_callback(_stop, workers)
        yield


async def _stop(workers: Sequence[Worker]) -> None:
    """At once: the grace of one after that of another would outlast the patience of whoever stops us."""
    await asyncio.gather(*(each.shutdown() for each in workers))
