"""The calls to a ComfyUI server.

It keeps its queue and its history in memory only. A finished graph moves from one to the other in one step,
so whoever looks at the queue first and the history second cannot miss it.
"""

from enum import Enum
from typing import Any, Final
from urllib.parse import urlencode

from adapters.http import Reply
from adapters.providers.comfyui.failures import refused
from adapters.providers.wire import Wire
from schema.errors import SENTENCES, ProviderUnavailable, SubmitUnclear

FOLDER: Final = "posegen"


class Place(Enum):
    NOWHERE = "nowhere"
    PENDING = "queue_pending"
    RUNNING = "queue_running"


class Server:
    def __init__(self, wire: Wire, base_url: str, secret: str) -> None:
        self._wire = wire
        self._base = base_url.rstrip("/")
        self._secret = secret

    async def upload(self, name: str, data: bytes) -> str:
        """The name under which a graph finds it. Not overwritten: what has the name has the content."""
        reply = await self._wire.look(
            f"{self._base}/upload/image",
            method="POST",
            files={"image": (name, data, "image/png")},
            data={"type": "input", "subfolder": FOLDER},
        )
        stored = self._good(reply).parsed or {}
        return "/".join(filter(None, (stored.get("subfolder"), stored.get("name"))))

    async def run(self, prompt_id: str, graph: dict[str, Any]) -> None:
        """Raise ProviderUnavailable when it may or may not have begun: the id tells, whenever it is asked."""
        body = {"prompt": graph, "prompt_id": prompt_id}
        try:
            reply = await self._wire.submit(f"{self._base}/prompt", json=body)
        except SubmitUnclear as error:
            message = SENTENCES[ProviderUnavailable.code]
            raise ProviderUnavailable(message, details=error.details) from error
        self._good(reply)

    async def place(self, prompt_id: str) -> Place:
        queue = self._good(await self._wire.look(f"{self._base}/queue")).parsed or {}
        for place in (Place.RUNNING, Place.PENDING):
            entries = queue.get(place.value)
            if any(prompt_id in entry[1:2] for entry in entries or [] if isinstance(entry, list)):
                return place
        return Place.NOWHERE

    async def history(self, prompt_id: str) -> dict[str, Any] | None:
        """None while it is not finished, and if nobody knows it; raises when the answer is trouble."""
        reply = await self._wire.look(f"{self._base}/history/{prompt_id}")
        entry = (self._good(reply).parsed or {}).get(prompt_id)
        return entry if isinstance(entry, dict) else None

    async def forget_pending(self, prompt_id: str) -> None:
        self._good(await self._post("queue", {"delete": [prompt_id]}))

    async def interrupt(self, prompt_id: str) -> None:
        self._good(await self._post("interrupt", {"prompt_id": prompt_id}))

    def view_url(self, image: dict[str, Any]) -> str:
        query = {name: image.get(name, "") for name in ("filename", "subfolder", "type")}
        return f"{self._base}/view?{urlencode(query)}"

    async def stats(self) -> dict[str, Any]:
        return self._good(await self._wire.look(f"{self._base}/system_stats")).parsed or {}

    async def node(self, class_type: str) -> dict[str, Any] | None:
        """What the server says of a kind of node; None when it has none."""
        reply = self._good(await self._wire.look(f"{self._base}/object_info/{class_type}"))
        info = (reply.parsed or {}).get(class_type)
        return info if isinstance(info, dict) else None

    async def _post(self, path: str, body: dict[str, Any]) -> Reply:
        return await self._wire.look(f"{self._base}/{path}", method="POST", json=body)

    def _good(self, reply: Reply) -> Reply:
        if not reply.ok:
            raise refused(reply, self._secret)
        return reply
