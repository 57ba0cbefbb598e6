"""A line to a server that can be cut in the middle of an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65536


@dataclass
class Line:
    host: str
    port: int
    cuts: list[int] = field(default_factory=list)
    """After how many bytes of answers the next connections break, one each."""
    address: str = ""
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call
        self._calls.add(call)
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        limit = self.cuts.pop(0) if self.cuts else None
        directions = (_forward(reader, far_writer), _forward(far_reader, writer, limit))
        tasks = [asyncio.ensure_future(direction) for direction in directions]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for end in (writer, far_writer):
            end.close()
            with suppress(ConnectionError):
                await end.wait_closed()

    async def quiet(self) -> None:
        await asyncio.gather(*self._calls)


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncIterator[Line]:
    """All that goes over it must have hung up at the end."""
    line = Line(host, port)
    async with await asyncio.start_server(line.take, "127.0.0.1", 0) as server:
        line.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield line
        await line.quiet()


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None = None
) -> None:
    left = limit
    with suppress(ConnectionError):
        while left != 0 and (chunk := await reader.read(min(left or CHUNK, CHUNK))):
            writer.write(chunk)
            await writer.drain()
            left = left - len(chunk) if left else None
