"""What a client wants in its ZIP, as the query says it."""

import re
from dataclasses import dataclass

from imaging import formats
from schema.errors import ValidationFailed

RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


@dataclass(frozen=True)
class Wish:
    formats: tuple[str, ...] | None = None
    """None: those that were ordered, and the original."""
    indexes: frozenset[int] | None = None
    """None: all."""

    @classmethod
    def of(cls, format_names: str | None, items: str | None) -> "Wish":
        return cls(
            tuple(dict.fromkeys(map(_format, _split(format_names)))) or None,
            frozenset(index for part in _split(items) for index in _range(part)) or None,
        )


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _format(name: str) -> str:
    try:
        return formats.resolve(name).name
    except ValidationFailed as error:
        raise _fault("formats", error.message) from error


def _range(text: str) -> range:
    found = RANGE.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise _fault("items", 'must be indexes and ranges, for example "0-9,12"')
    return range(first, last + 1)


def _fault(path: str, message: str) -> ValidationFailed:
    details = [{"path": path, "in": "query", "message": message}]
    return ValidationFailed(f"{path}: {message}", details=details)
