"""One client's connection. Whoever holds one must be using it.

uvicorn alone waits for ever, for a head that does not end as for a reader that takes nothing, and keeps all
the headers that it is sent.
"""

import asyncio
import logging
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import errors
from api.server import files
from api.server.alarm import Alarm
from schema.errors import HeadTooLarge, PoseError, RequestTimeout, Unavailable, ValidationFailed

HEAD_S: Final = 20.0
"""From the connection, or the last answer, to the end of the next request's head."""
HEAD_BYTES: Final = 64 * 1024
STALLED_S: Final = 60.0
LEAST_TAKEN_BYTES: Final = 16 * 1024
"""In STALLED_S, of what waits to be sent."""

log = logging.getLogger(__name__)


class Connection(HttpToolsProtocol):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_alarm = Alarm(self.loop)
        self._write_alarm = Alarm(self.loop)
        self._asked_s = 0.0
        self._in_body = False
        self._loose_bytes = 0
        """Since the last of a body: of a head, of trailers, of whatever comes between chunks."""

    @property
    def idle(self) -> bool:
        """Nobody works for it."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > files.room():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_alarm.off()
        self._write_alarm.off()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._loose_bytes += len(data)
        super().data_received(data)
        if self._loose_bytes > HEAD_BYTES:
            self._refuse(HeadTooLarge(f"The request's head is larger than {HEAD_BYTES} bytes."))

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # trailers are nothing that we read
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_body, self._loose_bytes = True, 0
        self._head_alarm.off()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._loose_bytes = False, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            self._await_head()
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_writing()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._write_alarm.off()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, in our shape
        self._refuse(ValidationFailed("This is not a request in HTTP/1.1."))

    def _unsupported_upgrade_warning(self) -> None:
        """Anybody can ask for one; it is answered like any other request."""

    def _await_head(self) -> None:
        self._asked_s = self.loop.time()
        self._head_alarm.set(HEAD_S, self._give_up)

    def _give_up(self) -> None:
        if self._loose_bytes and not self._in_body:
            self._refuse(RequestTimeout(f"The request did not come within {HEAD_S:.0f} s."))
        else:
            self.transport.abort()

    def _watch_writing(self) -> None:
        """Nothing is written meanwhile, so what waits can only become less."""
        if left := self.transport.get_write_buffer_size():
            self._write_alarm.set(STALLED_S, lambda: self._look_again(left))

    def _look_again(self, before: int) -> None:
        if self.transport.get_write_buffer_size() > max(0, before - LEAST_TAKEN_BYTES):
            log.warning("a client was cut off: it took next to nothing for %.0f s", STALLED_S)
            self.transport.abort()
        else:
            self._watch_writing()

    def _make_room(self) -> None:
        """Rather by ending the one that has asked nothing for longest than by refusing one that may ask."""
        others = (each for each in self.connections if isinstance(each, Connection) and each is not self)
        if quiet := min((each for each in others if each.idle), key=lambda each: each._asked_s, default=None):  # noqa: SLF001 - one of its own kind
            quiet.transport.abort()
        else:
            self._refuse(Unavailable("There are too many connections. Try again in a moment."))

    def _refuse(self, error: PoseError) -> None:
        if self.idle and not self.transport.is_closing():
            self.transport.write(_raw(error))
        self.transport.close()
        self._watch_writing()


def _raw(error: PoseError) -> bytes:
    """The answer that the application would give, for what never reaches it."""
    answer = errors.answer(error, {"Connection": "close"})
    head = [f"HTTP/1.1 {answer.status_code} {error.code}".encode()]
    head += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join((*head, b"", bytes(answer.body)))
