"""What a prompt may say.

Words are compared after undoing the usual disguises (look-alike letters, digits for letters, spacing, HTML),
on word borders, so that "Essex" passes and "n u d e" does not. A refusal never says which word it met.
What is known to slip through or to be refused for nothing is listed in tests/unit/test_prompt_corpus.py.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from schema.errors import InvalidPrompt
from schema.prompt_terms import ALLOWED, FORBIDDEN, POSE_WORDS, SUGGESTED

MIN_LENGTH, MAX_LENGTH = 3, 500

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_LOOKALIKES = str.maketrans(
    {
        **dict(zip("аеорсухіѕјһԁԛԝӏкмтвн", "aeopcyxisjhdqwlkmtbh", strict=True)),
        **dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True)),
        **dict(zip("սոօıłøđðħŧƒɑɡɩ", "unoilodohtfagi", strict=True)),
        **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
        **{
            chr(first + n): letter
            for first in (0x1F150, 0x1F170, 0x1F1E6)
            for n, letter in enumerate(_ALPHABET)
        },
    }
)
_GREEK_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")  # noqa: RUF001 - that is the point
_LEET = str.maketrans("0123456789@$!|+€£¢", "oizeasgtbgasiitelc")
_BLANK_LETTERS = dict.fromkeys((0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800))
"""Drawn as nothing, though Unicode calls them letters or signs."""
_TAG = re.compile(r"</?[a-z]{1,10}\b[^<>]{0,40}>", re.IGNORECASE)
_LETTER_BY_LETTER = re.compile(r"(?<!\w)[\w@$!](?:\W+[\w@$!](?!\w)){2,}")
_MODEL = re.compile(r"[a-z]\d{2,}")
_ENDLESS = re.compile(r"(\w)\1{6,}")
_SWELLING, _SHORT = 3, 100
"""A text of signs that stand for whole sentences is none: all others are about as long as they are typed."""


def check_content(text: str) -> None:
    """Raise InvalidPrompt for a forbidden term, however it is spelt."""
    folded = _HARMLESS.sub(" ", _folded(text))
    runs = list(_letter_by_letter(folded))
    readings = _comparable(" \n ".join(dict.fromkeys((*_readings(folded), *runs))))
    if _ANCHORED.search(readings) or _ANYWHERE.search(_comparable(" ".join(runs))):
        raise _refused(
            "This prompt asks for something we do not make. Describe the pose, clothes and setting instead."
        )


def check_pose_text(text: str) -> None:
    """The rules of a prompt that alone decides the pose: it must also speak of one."""
    words = _words(_folded(text))
    if len(words.strip()) < MIN_LENGTH:
        raise _refused(f"Describe the pose in {MIN_LENGTH} to {MAX_LENGTH} characters.")
    check_content(text)
    if not _POSE.search(words):
        raise _refused(
            "Say how the body is placed, for example: standing with arms crossed, facing the camera."
        )


def _refused(message: str) -> InvalidPrompt:
    return InvalidPrompt(message, details={"suggestedKeywords": list(SUGGESTED)})


def _folded(text: str) -> str:
    """Lower case, without accents, invisible characters and foreign letters that only look Latin."""
    plain = unicodedata.normalize("NFKC", _TAG.sub("", html.unescape(text))).translate(_GREEK_CAPITALS)
    parts = unicodedata.normalize("NFKD", plain.casefold().translate(_LOOKALIKES)).translate(_LOOKALIKES)
    if len(parts) > _SWELLING * len(text) + _SHORT:
        raise _refused("Write the prompt in plain letters.")
    seen = (c for c in parts.translate(_BLANK_LETTERS) if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return "".join(seen).replace("_", "-")


def _readings(folded: str) -> Iterator[str]:
    """Every way the text may be meant to be read, but for words spelt out."""
    chunks = [_read_leet(chunk) for chunk in folded.split()]
    yield _words(folded)
    yield _words(re.sub(r"\d", " ", folded))
    yield _words(" ".join(chunks))
    yield " ".join(re.sub(r"\W", "", chunk) for chunk in chunks)
    yield _words(re.sub(r"-?\s*\n\s*", "", folded))


def _letter_by_letter(folded: str) -> Iterator[str]:
    """Words spelt out, joined: n u d e, n.u.d.e, n - u - d - e."""
    for run in _LETTER_BY_LETTER.findall(folded):
        yield re.sub(r"\W", "", _read_leet(run))


def _read_leet(chunk: str) -> str:
    """A number on its own stays a number, and a model stays a model: a Galaxy A55."""
    is_number = bool(re.search(r"\d", chunk)) and not re.search(r"[^\W\d]", chunk)
    return chunk if is_number or _MODEL.fullmatch(chunk.strip(".,;:()")) else chunk.translate(_LEET)


def _comparable(text: str) -> str:
    """A letter drawn out for ever says no more than six of it, and would be looked at as often again."""
    return _ENDLESS.sub(r"\1\1\1\1\1\1", text.replace("l", "i"))


def _words(text: str) -> str:
    return " ".join(re.sub(r"\W", " ", text).split())


def _either(terms: Iterable[str]) -> str:
    return "|".join(sorted(terms, key=len, reverse=True))


def _stretchable(term: str) -> str:
    """Its letters as they are, or drawn out (nuuude, asssss), or all of them twice."""
    runs = [(letter, len(list(run))) for letter, run in groupby(term)]
    once = "".join(letter if letter == " " else _drawn_out(letter, count) for letter, count in runs)
    return f"{once}|{''.join(letter if letter == ' ' else letter * 2 for letter in term)}"


def _drawn_out(letter: str, count: int) -> str:
    return f"{letter}(?:{letter}{{2,}})?" if count == 1 else f"{letter}{{{count},}}"


def _any_of(terms: Iterable[str]) -> str:
    """By first letters, which spares most places in a text most of the alternatives."""
    groups = groupby(sorted(terms), key=itemgetter(0))
    return "|".join(f"(?={first})(?:{_either(map(_stretchable, group))})" for first, group in groups)


_SPELT = {
    spelt.replace("l", "i")
    for term in FORBIDDEN
    for spelt in (term, term.replace(" ", ""), _read_leet(term.replace(" ", "")))
}
_ANCHORED = re.compile(rf"(?<!\w)(?:{_any_of(_SPELT)})(?:e?s)?(?!\w)")
_ANYWHERE = re.compile(_any_of(term for term in _SPELT if len(term) > MIN_LENGTH and " " not in term))
_HARMLESS = re.compile(rf"(?<!\w)(?:{_either(ALLOWED).replace(' ', '[ -]+')})s?(?!\w)")
_POSE = re.compile(rf"(?<!\w)(?:{_either(POSE_WORDS)})(?:e?s)?(?!\w)")
