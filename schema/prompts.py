"""What a prompt may say.

Words are compared after undoing the usual disguises (look-alike letters, digits for letters, spacing), on
word borders, so that "Essex" passes and "n u d e" does not. A refusal never says which word it met.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from schema.errors import InvalidPrompt
from schema.prompt_terms import FORBIDDEN, POSE_WORDS, SUGGESTED

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
_LEET = str.maketrans("01345789@$!|+€£¢", "oieastbgasiitelc")


def check_content(text: str) -> None:
    """Raise InvalidPrompt for a forbidden term, however it is spelt."""
    folded = _folded(text)
    spellings = " \n ".join(_even(spelling) for spelling in _spellings(folded))
    runs = " ".join(_even(run) for run in _spaced_out(folded))
    if _ANCHORED.search(spellings) or _ANYWHERE.search(runs):
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
    plain = unicodedata.normalize("NFKC", text).translate(_GREEK_CAPITALS).casefold().translate(_LOOKALIKES)
    parts = unicodedata.normalize("NFKD", plain).translate(_LOOKALIKES)
    return "".join(letter for letter in parts if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))


def _spellings(folded: str) -> Iterator[str]:
    """Every way the text may be meant to be read."""
    chunks = [_read_leet(chunk) for chunk in folded.split()]
    yield _words(folded)
    yield _words(re.sub(r"\d", " ", folded))
    yield _words(" ".join(chunks))
    yield " ".join(re.sub(r"[\W_]", "", chunk) for chunk in chunks)
    yield " ".join(_spaced_out(folded))


def _spaced_out(folded: str) -> Iterator[str]:
    """Words written letter by letter, joined: n u d e, n.u.d.e, n - u - d - e."""
    for run in re.findall(r"(?<!\w)[\w@$!](?:[\W_]+[\w@$!](?!\w)){2,}", folded):
        yield re.sub(r"[\W_]", "", _read_leet(run))


def _read_leet(chunk: str) -> str:
    """A number on its own stays a number."""
    return chunk.translate(_LEET) if re.search(r"[^\W\d_]", chunk) else chunk


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]", " ", text).split())


def _even(text: str) -> str:
    """Stretched letters in all the ways they may be meant (nuuude, asssss), and l as i: 1 stands for both."""
    readings = {text, re.sub(r"(\w)\1{2,}", r"\1", text), re.sub(r"(\w)\1{2,}", r"\1\1", text)}
    return " \n ".join(sorted(readings)).replace("l", "i")


def _either(terms: Iterable[str]) -> str:
    return "|".join(sorted(terms, key=len, reverse=True))


_ANCHORED = re.compile(rf"(?<!\w)(?:{_either(term.replace('l', 'i') for term in FORBIDDEN)})(?:e?s)?(?!\w)")
_ANYWHERE = re.compile(
    _either(term.replace("l", "i") for term in FORBIDDEN if len(term) > MIN_LENGTH and " " not in term)
)
_POSE = re.compile(rf"(?<!\w)(?:{_either(POSE_WORDS)})(?:e?s)?(?!\w)")
