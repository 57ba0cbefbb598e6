"""What a text-to-image model reads of the avatar, the pose and the wishes."""

import pytest

from adapters.providers import prompt

WHO: list[tuple[dict[str, str | None], str]] = [
    ({}, "a person"),
    ({"gender": None, "style": None}, "a person"),
    ({"gender": "female"}, "a woman"),
    ({"gender": "male"}, "a man"),
    ({"gender": "non-binary"}, "an androgynous person"),
    ({"ethnicity": "Javanese", "gender": "female"}, "a Javanese woman"),
    ({"ethnicity": "Indonesian"}, "an Indonesian person"),
    ({"ethnicity": "European", "gender": "male"}, "a European man"),
    ({"ethnicity": "Uyghur", "gender": "male"}, "a Uyghur man"),
    ({"age_range": "25-34", "gender": "female"}, "a woman about 30 years old"),
    ({"age_range": "65+"}, "a person about 70 years old"),
    ({"body_type": "slim", "gender": "male"}, "a man with a slim build"),
    ({"body_type": "athletic"}, "a person with an athletic build"),
    ({"body_type": "hourglass figure"}, "a person with a hourglass figure"),
    ({"style": "casual"}, "a person, casual style"),
    ({"style": "Street Style"}, "a person, Street Style"),
    (
        {
            "gender": "female",
            "age_range": "25-34",
            "ethnicity": "Javanese",
            "body_type": "slim",
            "style": "modest fashion",
            "name": "not a trait",
        },
        "a Javanese woman about 30 years old with a slim build, modest fashion style",
    ),
]


@pytest.mark.parametrize(("traits", "words"), WHO, ids=[words for _, words in WHO])
def test_an_avatar_reads_as_a_person(traits: dict[str, str | None], words: str) -> None:
    assert prompt.subject(traits) == words


def test_a_whole_prompt() -> None:
    words = prompt.build("standing with arms crossed.", " in a batik shirt. ", {"gender": "female"})
    assert words == f"a woman, standing with arms crossed, in a batik shirt, {prompt.QUALITY}"


def test_without_wishes_there_is_no_gap() -> None:
    assert prompt.build("waving", None, {}) == f"a person, waving, {prompt.QUALITY}"
