"""People find what they ask for in the shipped library, in English and Indonesian, mistyped or not.

The questions are in library_questions.py and unseen_questions.py, the rates in docs/library-search.md.
"""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from imaging.library import load
from schema.database import Database
from schema.queries import library, matching, wording
from schema.queries.library import Sort, Wish
from schema.tables import Pose
from schema.vocabulary import CLUTTER, CONCEPTS, FILLERS
from tests.integration import unseen_questions as unseen
from tests.integration.library_questions import DESCRIPTIONS, MISFITS, SEARCHES

LEAST_FOUND = 0.9
LEAST_USED = 0.85
LEAST_RIGHT = 0.95
"""Of the matches that are used."""
UNSEEN_USED = 0.8
UNSEEN_RIGHT = 0.8
MOST_MISFITS_USED = 3


@pytest.fixture
async def session(seeded_url: str) -> AsyncIterator[AsyncSession]:
    database = Database(seeded_url)
    async with database.transaction() as session:
        yield session
    await database.close()


def ids(slugs: str) -> set[str]:
    return {"pose_" + slug.replace("-", "_") for slug in slugs.split()}


async def found(session: AsyncSession, search: str, limit: int = 5) -> list[str]:
    poses, _ = await library.browse(session, Wish(search=search, limit=limit))
    return [pose.id for pose in poses]


def test_the_questions_are_many_and_about_poses_that_exist() -> None:
    known = {pose.id for pose in load().poses}
    assert len(SEARCHES) >= 60
    assert len(DESCRIPTIONS) >= 100
    assert len(MISFITS) >= 20
    for question, pleasing in SEARCHES + DESCRIPTIONS + unseen.SEARCHES + unseen.DESCRIPTIONS:
        assert ids(pleasing) <= known, question


def test_text_mode_is_asked_only_for_what_it_may_use() -> None:
    premium = {pose.id for pose in load().poses if pose.premium}
    for description, pleasing in DESCRIPTIONS + unseen.DESCRIPTIONS:
        assert ids(pleasing) - premium, description


@pytest.mark.parametrize("searches", [SEARCHES, unseen.SEARCHES], ids=["tuned", "unseen"])
async def test_what_is_searched_is_among_the_first_five(
    session: AsyncSession, searches: list[tuple[str, str]]
) -> None:
    missed = {
        search: seen
        for search, pleasing in searches
        if not ids(pleasing) & set(seen := await found(session, search))
    }
    rate = 1 - len(missed) / len(searches)
    print(f"\nsearch: {rate:.1%} of {len(searches)} found; missed: {missed}")  # noqa: T201 - the rate is the result
    assert rate >= LEAST_FOUND


@pytest.mark.parametrize(
    ("descriptions", "least_used", "least_right"),
    [
        pytest.param(DESCRIPTIONS, LEAST_USED, LEAST_RIGHT, id="tuned"),
        pytest.param(unseen.DESCRIPTIONS, UNSEEN_USED, UNSEEN_RIGHT, id="unseen"),
    ],
)
async def test_described_poses_get_their_map(
    session: AsyncSession, descriptions: list[tuple[str, str]], least_used: float, least_right: float
) -> None:
    used = right = 0
    for description, pleasing in descriptions:
        match = await matching.nearest(session, description)
        if match and match.confidence >= matching.THRESHOLD:
            used += 1
            right += match.pose_id in ids(pleasing)
    print(f"\ntext mode: {used} of {len(descriptions)} used, {right} rightly")  # noqa: T201 - the rate is the result
    assert used / len(descriptions) >= least_used
    assert right / used >= least_right


async def test_what_no_pose_shows_gets_no_map(session: AsyncSession) -> None:
    misfits = [
        misfit
        for misfit in MISFITS
        if (match := await matching.nearest(session, misfit)) and match.confidence >= matching.THRESHOLD
    ]
    print(f"\nmisfits with a map: {len(misfits)} of {len(MISFITS)}: {misfits}")  # noqa: T201 - the rate is the result
    assert len(misfits) <= MOST_MISFITS_USED


async def test_the_same_words_in_both_languages_find_the_same(session: AsyncSession) -> None:
    for english, indonesian in (("waving", "melambai"), ("arms crossed", "bersedekap"), ("squat", "jongkok")):
        assert set(await found(session, english, 100)) & set(await found(session, indonesian, 100))


async def test_a_word_of_its_own_beside_its_parts(session: AsyncSession) -> None:
    """`jam tangan` is a watch and not any hand."""
    watches = await found(session, "jam tangan", 100)
    assert watches
    assert "pose_arms_hand_on_nape" not in watches


async def test_words_nobody_knows_find_nothing_and_beside_others_do_no_harm(session: AsyncSession) -> None:
    assert await found(session, "xqzvw qqqq") == []
    assert "pose_arms_crossed" in await found(session, "arms crossed qqqqzzzz")
    assert await matching.nearest(session, "xqzvw qqqq") is None
    assert await matching.nearest(session, "  !! ") is None


@pytest.mark.parametrize(
    "hostile", ["'", "\\", "a:*|!b", "it's & | ! <->", "100%", "'); DROP TABLE x", "é" * 200]
)
async def test_no_input_breaks_the_query(session: AsyncSession, hostile: str) -> None:
    assert isinstance(await found(session, hostile), list)
    assert isinstance(await found(session, f"standing {hostile}"), list)
    await matching.nearest(session, f"standing {hostile}")


async def test_text_mode_never_takes_what_is_hidden_retired_or_premium(session: AsyncSession) -> None:
    wish = "arms crossed, standing upright, confident"
    for change in ({"is_premium": True}, {"is_public": False}):
        best = await matching.nearest(session, wish)
        assert best is not None
        await session.exec(update(Pose).where(col(Pose.id) == best.pose_id).values(**change))
        after = await matching.nearest(session, wish)
        assert after is not None
        assert after.pose_id != best.pose_id


async def test_the_database_learns_the_words_of_new_poses(session: AsyncSession) -> None:
    pose = (await session.exec(select(Pose).where(Pose.id == "pose_arms_crossed"))).one()
    pose.tags = [*pose.tags, "zwitterion"]
    session.add(pose)
    await session.flush()
    assert await found(session, "zwiterion") == ["pose_arms_crossed"]


@pytest.mark.parametrize("sort", Sort)
async def test_pages_of_a_search_are_without_gaps_or_repeats(session: AsyncSession, sort: Sort) -> None:
    seen: list[str] = []
    for page in range(1, 100):
        poses, total = await library.browse(session, Wish(search="sitting", sort=sort, page=page, limit=20))
        seen += [pose.id for pose in poses]
        if not poses:
            break
    assert len(seen) == len(set(seen)) == total > 40


def test_the_table_of_words_is_sound() -> None:
    for concept, forms in CONCEPTS.items():
        assert all(form == form.lower() and form.strip() for form in forms), concept
        assert len(set(forms)) == len(forms), concept
    assert not FILLERS & CLUTTER
    assert not FILLERS & set(wording.MEANING)
    assert len(wording.MEANING) > 500


@pytest.mark.parametrize(
    ("typed", "known", "is_slip"),
    [
        ("stnading", "standing", True),
        ("standig", "standing", True),
        ("standiing", "standing", True),
        ("stanting", "standing", True),
        ("standing", "standings", True),
        ("swimming", "swinging", False),
        ("hand", "hair", False),
        ("arm", "are", False),
        ("", "standing", False),
    ],
)
def test_a_slip_is_one_letter_or_two_swapped(typed: str, known: str, is_slip: bool) -> None:  # noqa: FBT001 - a table's column
    assert wording.slip(typed, known) is is_slip
