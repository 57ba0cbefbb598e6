"""Every forbidden term in every disguise, and the prompts of honest sellers: all refused, none refused.

`pytest -s` shows both rates. What is known to be decided wrongly is listed here with its reason.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging import poses
from schema.errors import InvalidPrompt
from schema.prompt_terms import ALLOWED, EXPLICIT, FORBIDDEN
from schema.prompts import MAX_LENGTH, check_content
from tests.prompts.disguises import DISGUISES

HARMLESS = (Path(__file__).parents[1] / "prompts" / "harmless.txt").read_text("utf-8").splitlines()
LIBRARY = sorted(Path(poses.__path__[0]).glob("*.yaml"))

UNHURRIED = settings(deadline=None)
HARD = ["n", "u", " ", ".", "-", "_", "\n", "@", "$", "4", "<b", "&#1", "\U0001f17d", "\u0301", "\ufdfa"]

SLIP_THROUGH = {
    "455": "a number on its own is a price, a size or a year",
    "c4m3l 703": "the same: a number on its own",
    "holding an a55": "one letter and a number is a model, as a Galaxy A55",
    "%6e%75%64%65": "no image service decodes what is meant for addresses",
    "nu de": "parts of words could be any words",
    "edun": "reversed, no model reads it",
}
REFUSED_FOR_NOTHING = {
    "nude lipstick": "a colour's name; the risk of the picture is too high, `beige` says the same",
    "superman yoga pose": "the picture would be of the character",
    "holding a pen\nis smiling": "a word broken by the end of a line",
    "an iron, man in an apron": "punctuation between words does not count",
    "cock-tail": "each part of a compound is read as a word too",
    "pulling weeds": "the plural of a drug's name",
}


def refused(text: str) -> bool:
    try:
        check_content(text)
    except InvalidPrompt:
        return True
    return False


def only_numbers(text: str) -> bool:
    """Has it a word of which the disguise has left a number, or one letter and a number?"""
    return any(re.fullmatch(r"\d+|[a-z]\d{2,}", word) for word in (*text.split(), text.replace(" ", "")))


def disguised() -> Iterator[tuple[str, str]]:
    for name, disguise in DISGUISES.items():
        for term in sorted(FORBIDDEN):
            if not (name.endswith("digits") and only_numbers(disguise(term))):
                yield name, disguise(term)


def test_every_term_is_seen_through_every_disguise() -> None:
    missed, total = defaultdict(list), 0
    for name, text in disguised():
        total += 1
        if not refused(f"a person in a shirt, {text}, on a beach"):
            missed[name].append(text)
    wrong = sum(map(len, missed.values()))
    sys.stdout.write(f"\n{total - wrong} of {total} disguised terms refused, {len(DISGUISES)} disguises\n")
    assert missed == {}
    assert total > 200 * len(DISGUISES) * 0.95


def test_honest_prompts_pass() -> None:
    wrong = [text for text in HARMLESS if refused(text)]
    sys.stdout.write(f"\n{len(HARMLESS) - len(wrong)} of {len(HARMLESS)} harmless prompts pass\n")
    assert wrong == []
    assert len(set(HARMLESS)) >= 200


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: text.replace(" ", "  ")])
def test_honest_prompts_pass_however_they_are_written(change: Callable[[str], str]) -> None:
    assert [text for text in HARMLESS if refused(change(text))] == []


def test_honest_prompts_pass_together() -> None:
    """Nothing forbidden arises where one ends and the next begins."""
    pairs = zip(HARMLESS, HARMLESS[1:] + HARMLESS[:1], strict=True)
    assert [pair for pair in pairs if refused(", ".join(pair))] == []


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)
def test_the_library_says_nothing_forbidden(file: Path) -> None:
    texts = [str(value) for value in leaves(yaml.safe_load(file.read_text("utf-8")))]
    assert [text for text in texts if " " in text and refused(text)] == []


def leaves(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for member in node:
            yield from leaves(member)
    else:
        yield node


@pytest.mark.parametrize("text", SLIP_THROUGH)
def test_what_is_known_to_slip_through_still_does(text: str) -> None:
    assert not refused(text), "now refused: good, take it off the list"


@pytest.mark.parametrize("text", REFUSED_FOR_NOTHING)
def test_what_is_known_to_be_refused_for_nothing_still_is(text: str) -> None:
    assert refused(text), "now passes: good, move it to harmless.txt"


@pytest.mark.parametrize("phrase", sorted(ALLOWED))
def test_an_allowed_phrase_covers_nothing_else(phrase: str) -> None:
    assert not refused(f"a model with a {phrase}s behind")
    assert refused(f"a nude model with a {phrase}")
    assert refused(f"n u {phrase} {min(EXPLICIT)}")


@given(st.text(max_size=MAX_LENGTH))
@UNHURRIED
def test_any_text_gets_an_answer(text: str) -> None:
    refused(text)


@given(st.sampled_from(sorted(FORBIDDEN)), st.text("abcdefghij ,.'", max_size=60), st.text(max_size=60))
@UNHURRIED
def test_a_term_is_found_wherever_it_stands(term: str, before: str, after: str) -> None:
    assert refused(f"{before} {term} {after}")


@given(st.lists(st.sampled_from(HARD), min_size=MAX_LENGTH, max_size=MAX_LENGTH))
@UNHURRIED
def test_no_text_takes_long(parts: list[str]) -> None:
    """A pattern that could backtrack for ever would hang here and meet the test's time limit."""
    refused("".join(parts)[:MAX_LENGTH])
