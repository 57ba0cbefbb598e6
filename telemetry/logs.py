"""One way of logging for all our programs: text or JSON lines on stderr, with what is known of the work.

Lines of libraries come the same way. None of them tells a secret.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from telemetry import context, traces
from telemetry.discretion import Discretion

FIELDS: Final = "fields"
"""`extra={FIELDS: {…}}` gives a line fields of its own."""
TALKATIVE: Final = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "urllib3": logging.WARNING,
    "python_multipart": logging.WARNING,
    "sse_starlette": logging.INFO,
    "temporalio": logging.INFO,
}
"""Below these levels they tell whole addresses, messages and bodies, whatever is in them."""
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
OF_TEMPORAL: Final = {
    "workflow_id": "workflow_id",
    "workflow_type": "workflow",
    "workflow_run_id": "run_id",
    "run_id": "run_id",
    "activity_id": "activity_id",
    "activity_type": "activity",
    "attempt": "attempt",
}
"""What the SDK attaches to its lines, and what we call it."""


def install(form: str, level: str, secrets: Iterable[str] = ()) -> None:
    """Once, as the first thing a program does; `secrets` are never written, wherever they turn up."""
    kind = Json if form == "json" else Text
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(kind(Discretion(secrets)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name, floor in TALKATIVE.items():
        logging.getLogger(name).setLevel(max(floor, logging.getLevelNamesMapping()[level]))


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """The SDK's words on its own lines count most: they may come when the work itself is over."""
    told: dict[str, Any] = {}
    for source in ("temporal_workflow", "temporal_activity"):
        details = getattr(record, source, None) or {}
        told |= {OF_TEMPORAL[name]: value for name, value in details.items() if name in OF_TEMPORAL}
    trace = {"trace_id": found} if (found := traces.trace_id()) else {}
    return {**context.known(), **told, **trace, **getattr(record, FIELDS, {})}


class _Formatter(logging.Formatter):
    def __init__(self, discreet: Discretion) -> None:
        super().__init__()
        self._discreet = discreet

    def _message(self, record: logging.LogRecord) -> str:
        """Temporal's SDK repeats its details as a dict at the end of the message; we have them as fields."""
        message, _, repeated = record.getMessage().rpartition(" ({")
        return self._discreet(message if repeated.endswith("})") else record.getMessage())

    def _exception(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            return self._discreet(self.formatException(record.exc_info))
        return self._discreet(record.exc_text or "")

    def _facts(self, record: logging.LogRecord) -> dict[str, Any]:
        return {
            name: self._discreet(value) if isinstance(value, str) else value
            for name, value in facts(record).items()
        }


class Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
            **self._facts(record),
        }
        if exception := self._exception(record):
            line["exception"] = exception
        return json.dumps(line, ensure_ascii=False, default=str)


class Text(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        words = [_time(record), record.levelname, record.name, self._message(record)]
        words += [f"{name}={value}" for name, value in self._facts(record).items()]
        return "\n".join(filter(None, [_one_line(" ".join(words)), self._exception(record)]))


def _one_line(text: str) -> str:
    """Whatever somebody had put into it: nobody else writes a line, or to the terminal, in our name."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
