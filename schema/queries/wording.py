"""What a user types as a query of the text index; words it does not know become those most like them."""

import re
from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

SIMILAR = 0.33
"""How alike two words must be, 0..1: two swapped letters in seven give a third."""

NEAREST = text("""
    WITH known AS MATERIALIZED (SELECT word FROM ts_stat('SELECT search FROM pose_library'))
    SELECT ARRAY(
        SELECT word FROM known WHERE similarity(word, asked.word) >= :similar
        ORDER BY similarity(word, asked.word) DESC, word LIMIT 3
    ) FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked (word, n) ORDER BY n
""")


def words_of(search: str | None) -> list[str]:
    return re.findall(r"[^\W_]+", (search or "").lower())


def as_typed(words: Sequence[str]) -> str:
    """All of them, each perhaps only begun."""
    return " & ".join(f"{word}:*" for word in words)


async def as_meant(session: AsyncSession, words: list[str]) -> str:
    """The same with the nearest known words beside each."""
    connection = await session.connection()
    nearest = await connection.scalars(NEAREST, {"words": words, "similar": SIMILAR})
    meanings = (
        " | ".join([f"{word}:*", *map(_quoted, known)]) for word, known in zip(words, nearest, strict=True)
    )
    return " & ".join(f"({meaning})" for meaning in meanings)


def _quoted(lexeme: str) -> str:
    return "'{}'".format(lexeme.replace("\\", "\\\\").replace("'", "''"))
