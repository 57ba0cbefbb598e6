"""Whether figures can be cut out and pictures looked at as the settings say, before a worker has to do it."""

import asyncio

from schema.settings import Settings


async def require(settings: Settings, *, simulated: bool = False) -> None:
    """Raise Misconfigured for what keeps workers from starting. A simulator needs no key."""
    from adapters.judging.factory import open_check, open_judge  # noqa: PLC0415 - slow, and servers are to start
    from adapters.matting.factory import open_cutter, open_matting  # noqa: PLC0415 - as above

    await asyncio.to_thread(open_cutter, settings)
    await asyncio.to_thread(open_judge, settings)
    for opened in () if simulated else (open_matting, open_check):
        if service := opened(settings):
            await service.close()
