"""The ways in which people write a word so that a filter does not see it."""

import html
from collections.abc import Callable
from typing import Final

CYRILLIC = str.maketrans("aeopcyxisjhkmtb", "аеорсухіѕјһкмтв")
GREEK = str.maketrans("aevikopunxyt", "αενικορυηχγτ")
SMALL_CAPITALS = str.maketrans("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
DIGITS = str.maketrans("oieastbg", "01345789")
SIGNS = str.maketrans("aesi", "@€$!")
ACUTE, STROKE, HEART = "\u0301", "\u0336", "\u2764"


def _shifted(start: int) -> Callable[[str], str]:
    """Another alphabet of Unicode that runs in the order of ours."""
    return lambda word: "".join(chr(start + ord(c) - 97) if c.isascii() and c.isalpha() else c for c in word)


def _between(mark: str) -> Callable[[str], str]:
    """Each letter from the next; what lies between words grows with it."""
    return lambda word: (mark * 3).join(mark.join(part) for part in word.split())


def _inside(mark: str) -> Callable[[str], str]:
    """Once, in the middle of the longest word."""

    def put(word: str) -> str:
        longest = max(word.split(), key=len)
        half = len(longest) // 2
        return word.replace(longest, longest[:half] + mark + longest[half:], 1)

    return put


def _alternating(word: str) -> str:
    return "".join(c.upper() if n % 2 else c for n, c in enumerate(word))


def _stretched(word: str) -> str:
    """The last vowel, as in nuuude."""
    place = max(word.rfind(vowel) for vowel in "aeiou")
    return word[:place] + word[place] * 4 + word[place + 1 :] if place >= 0 else word + word[-1] * 3


DISGUISES: Final[dict[str, Callable[[str], str]]] = {
    "plain": lambda word: word,
    "upper case": str.upper,
    "first letters": str.title,
    "mixed case": _alternating,
    "full width": _shifted(0xFF41),
    "bold": _shifted(0x1D41A),
    "script": _shifted(0x1D4EA),
    "sans serif": _shifted(0x1D5BA),
    "monospace": _shifted(0x1D68A),
    "double-struck": _shifted(0x1D552),
    "circled": _shifted(0x24D0),
    "in black circles": _shifted(0x1F150),
    "in squares": _shifted(0x1F130),
    "flags": _shifted(0x1F1E6),
    "small capitals": lambda word: word.translate(SMALL_CAPITALS),
    "Cyrillic": lambda word: word.translate(CYRILLIC),
    "Cyrillic capitals": lambda word: word.translate(CYRILLIC).upper(),
    "Greek": lambda word: word.translate(GREEK),
    "accents": lambda word: ACUTE.join(word) + ACUTE,
    "struck out": lambda word: STROKE.join(word) + STROKE,
    "many marks": (ACUTE + STROKE + "\u0323").join,
    "soft hyphens": "\u00ad".join,
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": "\u200d".join,
    "word joiners": "\u2060".join,
    "byte order marks": "\ufeff".join,
    "variation selectors": "\ufe0f".join,
    "tag characters": "\U000e0041".join,
    "direction marks": "\u200e".join,
    "direction override": lambda word: f"\u202e{word}\u202c",
    "Hangul filler": "\u3164".join,
    "Mongolian separator": "\u180e".join,
    "Braille blank": "\u2800".join,
    "grapheme joiner": "\u034f".join,
    "digits": lambda word: word.translate(DIGITS),
    "signs": lambda word: word.translate(SIGNS),
    "spaced": _between(" "),
    "far apart": _between("   "),
    "non-breaking spaces": _between("\u00a0"),
    "thin spaces": _between("\u2009"),
    "dots": _between("."),
    "middle dots": _between("·"),
    "bullets": _between(" • "),
    "dashes": _between("-"),
    "long dashes": _between("—"),
    "underscores": _between("_"),
    "slashes": _between("/"),
    "commas": _between(", "),
    "stars": _between("*"),
    "emoji": _between(HEART),
    "emoji and spaces": _between(f" {HEART} "),
    "line breaks": _between("\n"),
    "tabs": _between("\t"),
    "spaced digits": lambda word: _between(" ")(word.translate(DIGITS)),
    "a dot inside": _inside("."),
    "a dash inside": _inside("-"),
    "an underscore inside": _inside("_"),
    "a line break inside": _inside("\u200b\n"),
    "a broken word": _inside("-\n"),
    "an emoji inside": _inside(HEART),
    "stretched": _stretched,
    "HTML numbers": lambda word: "".join(f"&#{ord(c)};" for c in word),
    "HTML hexadecimal": lambda word: "".join(f"&#x{ord(c):x};" for c in word),
    "HTML entities inside": _inside("&shy;"),
    "HTML of a look-alike": lambda word: html.escape(word).replace("e", "&eacute;"),
    "HTML tags": _inside("<b></b>"),
    "in brackets": lambda word: f"({word})",
    "weighted": lambda word: f"(({word}:1.4))",
    "hashtag": lambda word: "#" + word.replace(" ", ""),
    "quoted": lambda word: f"“{word}”",
    "plural": lambda word: word if word.endswith("s") else word + "s",
    "possessive": lambda word: word + "'s",
    "no spaces": lambda word: word.replace(" ", ""),
    "dashes for spaces": lambda word: word.replace(" ", "-"),
}
