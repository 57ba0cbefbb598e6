"""The prompt rules: disguises are seen through, innocent words pass, and no refusal names the term."""

import pytest

from schema.errors import InvalidPrompt
from schema.prompt_terms import CHARACTERS, DRUGS, EXPLICIT, FORBIDDEN, POSE_WORDS, TERROR, VIOLENCE
from schema.prompts import _comparable, check_content, check_pose_text

DISGUISED = [
    "nude", "NUDE", "Nudes.", "half-nude", "_nude_", "in the nude!",
    "n u d e", "n.u.d.e", "n-u-d-e", "n - u - d - e", "n_u_d_e", "a n u d e woman", "N  U  D  E",
    "nu.de", "nu\u00adde", "n\u200bu\u200bd\u200be", "n\u0301u\u0301d\u0301e", "nud\u0435", "\u039dUDE",
    "\uff4e\uff55\uff44\uff45", "\u24dd\u24e4\u24d3\u24d4", "\U0001f17d\U0001f184\U0001f173\U0001f174",
    "nud3", "nuuuude", "nude2girls", "nude+shirt", "5ex", "5 e x", "$ex", "a$$", "@ss", "p0rn", "p\u00f8rn",
    "k1ll", "ki11", "b0mb", "boooobs", "c\u043ecaine", "telanjang", "bunuh diri",
    "spider-man", "SpiderMan", "mickey   mouse", "AK-47", "hello\u00a0kitty",
]  # fmt: skip
INNOCENT = [
    "Essex", "standing in Essex", "Scunthorpe", "Middlesex", "cocktail dress", "first class",
    "assess the fit", "analysis", "grape", "therapist", "skilled", "heroine", "bomber jacket",
    "gunmetal grey", "Titan", "Gore-Tex jacket", "killer heels", "hide and seek", "a 455 dollar dress",
    "4x6 print", "size s, m, l, x l", "photo shooting", "baju batik merah",
    "\u30dd\u30fc\u30ba", "", "!!!", "1 2 3 4",
]  # fmt: skip


@pytest.mark.parametrize("text", DISGUISED)
def test_disguises_are_seen_through(text: str) -> None:
    with pytest.raises(InvalidPrompt):
        check_content(text)
    with pytest.raises(InvalidPrompt):
        check_content(f"a person in a shirt, {text}, on a beach")


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_pass(text: str) -> None:
    check_content(text)
    check_content(f"standing, {text}, smiling")


@pytest.mark.parametrize("term", sorted(FORBIDDEN))
def test_no_refusal_names_the_term(term: str) -> None:
    with pytest.raises(InvalidPrompt) as refusal:
        check_content(f"standing with {term.upper()} here")
    assert term not in refusal.value.message.lower().split()
    assert term not in refusal.value.details["suggestedKeywords"]


def test_there_are_terms_of_every_kind() -> None:
    assert len(FORBIDDEN) >= 75
    assert all(len(kind) >= 10 for kind in (EXPLICIT, VIOLENCE, DRUGS, TERROR, CHARACTERS))


@pytest.mark.parametrize("word", sorted(POSE_WORDS))
def test_no_pose_word_is_forbidden(word: str) -> None:
    check_pose_text(word if len(word) >= 3 else f"a {word}")


@pytest.mark.parametrize(
    "text", ["standing by a wall", "Duduk bersila", "HANDS on hips", "two arms up", "she poses", "jumps high"]
)
def test_text_that_speaks_of_a_pose(text: str) -> None:
    check_pose_text(text)


@pytest.mark.parametrize(
    "text", ["a red shirt", "outstanding fabric", "understand", "ab", "\u200b\u200b\u200b", "!!!!"]
)
def test_text_that_speaks_of_none(text: str) -> None:
    with pytest.raises(InvalidPrompt) as refusal:
        check_pose_text(text)
    assert "standing" in refusal.value.details["suggestedKeywords"]


def test_the_longest_prompt_is_read_quickly_enough_to_be_no_weapon() -> None:
    """Patterns that could backtrack for ever would hang here and meet the test's time limit."""
    for hard in ("n " * 250, "a." * 250, "@" * 500, "nude" * 125, "l" * 500, "\U0001f17d " * 250):
        try:
            check_content(hard)
        except InvalidPrompt:
            continue


def test_a_letter_drawn_out_for_ever_is_looked_at_once() -> None:
    """Each start in such a run was compared with all of its rest: a third of a second in 2,000 letters."""
    assert _comparable("s" * 1000) == "s" * 6
    check_content("s " * 1000)
    for endless in ("nu" + "u" * 900 + "de", "n " + "u " * 500 + "d e", "x" * 1000, "boo" + "o" * 500 + "bs"):
        with pytest.raises(InvalidPrompt):
            check_content(endless)


@pytest.mark.parametrize("sign", ["\ufdfa", "\ufdfb"])
def test_signs_that_stand_for_whole_sentences_are_no_prompt(sign: str) -> None:
    """Each may become 18 letters: a prompt of them was compared for a tenth of a second."""
    check_content(f"standing, {sign}")
    with pytest.raises(InvalidPrompt, match="plain letters"):
        check_content(sign * 2000)
