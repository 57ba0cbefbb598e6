"""What is sent to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine


class Sent(NamedTuple):
    sql: str
    parameters: Any


@contextmanager
def sent(through: Engine | Connection) -> Iterator[list[Sent]]:
    """All of it, in its order, that goes this way meanwhile."""
    statements: list[Sent] = []

    def note(_: Any, __: Any, sql: str, parameters: Any, *more: Any) -> None:
        statements.append(Sent(sql, parameters))

    event.listen(through, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(through, "before_cursor_execute", note)
