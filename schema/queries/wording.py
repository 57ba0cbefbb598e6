"""What a user types, as words, as concepts and as queries of the text index.

A word it knows also finds its synonyms, in English and Indonesian; one that nobody knows becomes those most
like it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.vocabulary import CLUTTER, CONCEPTS, FILLERS

MOST_WORDS = 80
"""More say nothing more."""
LEAST_LETTERS = 3
"""A stem is no shorter; nor is a word that a mistyped one may have been."""
SIMILAR = 0.33
"""How alike two words must be, 0..1: two swapped letters in seven give a third."""

Spellings = list[tuple[str, ...]]
"""For each word what it may have been, the likeliest first."""


def _meaning() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for concept, forms in CONCEPTS.items():
        for form in forms:
            found[form] = (*found.get(form, ()), concept)
    return found


MEANING = _meaning()
WORD = re.compile(r"(?:" + "|".join(form for form in MEANING if " " in form) + r")s?\b|\w+")

KNOWN = text("SELECT word FROM pose_words WHERE word = ANY (:words)")
SIMILAR_TO = text("""
    SELECT ARRAY(
        SELECT word FROM pose_words, similarity(word, asked.word) AS alike
        WHERE word % asked.word AND alike >= :similar ORDER BY alike DESC, word LIMIT 3
    ) FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS asked (word, n) ORDER BY n
""")


def words_of(said: str | None) -> list[str]:
    """Words that mean something of their own together stay together."""
    plain = " ".join(re.findall(r"[^\W_]+", (said or "").lower()))
    return WORD.findall(plain)[:MOST_WORDS]


def telling(words: Sequence[str]) -> list[str]:
    """Without the fillers, unless there is nothing else."""
    return [word for word in words if word not in FILLERS] or list(words)


@cache
def meanings(word: str) -> tuple[str, ...]:
    """The concepts of a word; a word of no concept stands for itself, in its plain form."""
    stems = [word, *_stems(word)]
    plain = stems[-1].removesuffix("e")
    return next((MEANING[stem] for stem in stems if stem in MEANING), (plain,))


def _stems(word: str) -> Iterator[str]:
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= LEAST_LETTERS:
            yield stem + "e"
            yield stem
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def understood(word: str) -> bool:
    return word in FILLERS or word in CLUTTER or meanings(word)[0] in CONCEPTS


def concepts(words: Iterable[str]) -> list[str]:
    """In the order of the words, each once; none of the fillers."""
    told = (meanings(word) for word in words if word not in FILLERS)
    return list(dict.fromkeys(chain.from_iterable(told)))


def any_form(concept: str) -> str:
    """A query for a concept by any of its words; of one that is no concept by its beginning."""
    forms = CONCEPTS.get(concept)
    return "(" + " | ".join(map(_quoted, forms)) + ")" if forms else f"{_quoted(concept)}:*"


def all_of(spellings: Spellings, *, ranking: bool = False) -> str:
    """Each word said in any way; one of no concept perhaps only begun.

    For ranking, a word that is two, as `bersedekap`, wants both side by side: arms crossed, or crossed arms.
    That would be slow for finding, since the index knows no places.
    """
    return " & ".join(_either(spelling, ranking=ranking) for spelling in spellings)


def any_of(spellings: Spellings) -> str:
    return " | ".join(_either(spelling, ranking=False) for spelling in spellings)


def _either(spelling: tuple[str, ...], *, ranking: bool) -> str:
    return "(" + " | ".join(_said(word, ranking=ranking) for word in spelling) + ")"


def _said(word: str, *, ranking: bool) -> str:
    found = [any_form(concept) for concept in meanings(word) if concept in CONCEPTS]
    if not found:
        return f"{_quoted(word)}:*"
    if ranking and len(found) > 1:
        return f"{_quoted(word)} | {' <-> '.join(found)} | {' <-> '.join(found[::-1])}"
    return "(" + " & ".join(found) + ")"


def _quoted(lexeme: str) -> str:
    return "'{}'".format(lexeme.replace("\\", "\\\\").replace("'", "''"))


async def spelled(session: AsyncSession, words: Sequence[str]) -> Spellings:
    """A known word is itself; another those a slip away from it, or else those like it, or nothing."""
    connection = await session.connection()
    doubtful = [word for word in words if not understood(word)]
    known = set(await connection.scalars(KNOWN, {"words": doubtful})) if doubtful else set()
    odd = [word for word in doubtful if word not in known]
    found = await connection.scalars(SIMILAR_TO, {"words": odd, "similar": SIMILAR}) if odd else ()
    like = dict(zip(odd, map(tuple, found), strict=True))
    return [_slips(word, like[word]) or like[word] if word in like else (word,) for word in words]


def _slips(typed: str, like: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known for known in chain(MEANING, like) if slip(typed, known)))


def slip(typed: str, known: str) -> bool:
    """A letter wrong, missing or too many, or two neighbours swapped."""
    if min(len(typed), len(known)) <= LEAST_LETTERS or abs(len(typed) - len(known)) > 1:
        return False
    same = next((n for n, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), len(known))
    rest, wanted = typed[same:], known[same:]
    swapped = rest[1::-1] + rest[2:]
    return rest[1:] in (wanted, wanted[1:]) or wanted == swapped or wanted[1:] == rest
