"""The Studio has a sentence in each of its languages for every code that an item can end with."""

import re
from pathlib import Path

import pytest

from schema.errors import SENTENCES

WORDS = Path(__file__).parents[2] / "studio" / "js" / "words"


@pytest.mark.parametrize("language", ["en", "id"])
def test_no_failure_is_without_a_sentence(language: str) -> None:
    said = set(re.findall(r'"failure\.([A-Z_]+)":', (WORDS / f"{language}.js").read_text()))
    assert SENTENCES.keys() - said == set()
