"""What is known of the work at hand, so that every line can say it: request, user, generation, item.

Each request and each activity runs as a task of its own, so what is bound in it ends with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeGuard

Facts = Mapping[str, str | int]

REQUEST_ID: Final = "request_id"
PLACES: Final = {
    "user_id": "user",
    "generation_id": "generation",
    "item_id": "item",
    "change_id": "background_change",
    "message_id": "webhook_message",
}
"""Names of ids in paths and in messages, and what the log calls them."""
LONGEST_ID: Final = 255

_known: ContextVar[Facts] = ContextVar("known", default={})  # noqa: B039 - replaced, never changed


def known() -> Facts:
    return _known.get()


def request_id() -> str | None:
    found = known().get(REQUEST_ID)
    return str(found) if found else None


def bind(facts: Mapping[str, str | int | None]) -> None:
    """For the rest of this task. What is not known is left out."""
    _known.set({**known(), **{name: fact for name, fact in facts.items() if fact is not None}})


@contextmanager
def bound(facts: Mapping[str, str | int | None]) -> Iterator[None]:
    """For a block; what is bound inside of it ends with it."""
    token = _known.set(known())
    bind(facts)
    try:
        yield
    finally:
        _known.reset(token)


def places(ids: Mapping[str, object]) -> dict[str, str]:
    """Those of `ids` that a reader of the log would search for.

    An address can hold anything in their place: what could be none of ours is left out.
    """
    return {PLACES[name]: value for name, value in ids.items() if name in PLACES and _may_be_id(value)}


def _may_be_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable()
