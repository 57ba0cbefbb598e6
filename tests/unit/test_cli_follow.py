"""Following a generation from the terminal: what comes over the line between its events."""

import httpx

from cli import follow
from cli.http import Api
from schema.settings import Settings

QUIET_FOR_A_WHILE = """\
id: 1
event: snapshot
data: {"type": "snapshot"}

: ping

: ping

id: 2
event: completed
data: {"type": "completed"}

"""


async def test_comments_that_keep_a_quiet_line_open_are_no_events() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=QUIET_FOR_A_WHILE, headers={"Content-Type": "text/event-stream"})

    async with Api(Settings(_env_file=None), "ann") as api:
        await api.http.aclose()
        api.http = httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(answer))
        told = [data["type"] async for data in follow.events(api, "gen_1")]
    assert told == ["snapshot", "completed"]
