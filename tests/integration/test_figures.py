"""Every figure is held against the raw rows, counted a second way, over business of every kind."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from schema.database import Database
from schema.queries import audit, metrics, stats
from schema.queries.figures import NAMES, Figures
from schema.queries.stats import Stats
from schema.spans import Span
from tests.clock import Clock
from tests.integration.business import NOW, USERS, Books, do_business, open_business
from tests.orders import charge, deliver, order, refund, settle, sql

DAY = timedelta(days=1)


@pytest.fixture
async def clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Clock:
    await open_business(database)
    return Clock(monkeypatch, NOW)


def counted(books: Books, when: object) -> Figures:
    return Figures(**books.figures(when))  # type: ignore[arg-type]


async def asked(database: Database, user: str) -> Stats:
    async with database.transaction() as session:
        return await stats.of_user(session, user, NOW.date())


@pytest.mark.parametrize("seed", range(4))
async def test_a_users_figures_agree_with_ledger_and_rows(
    database: Database, clock: Clock, seed: int
) -> None:
    await do_business(database, clock, seed)
    books = await Books.read(database)
    for user in USERS:
        found, own = await asked(database, user), books.of(user)
        assert list(found.days) == [NOW.date() - n * DAY for n in reversed(range(30))]
        for day, figures in found.days.items():
            assert figures == counted(own, lambda at, day=day: at.date() == day), (user, day)
        assert found.before == counted(own, lambda at: at.date() <= NOW.date() - 30 * DAY)
        running = Counter(row["status"] for row in own.generations if not row["settled_at"])
        assert found.running == running
        used = own.poses(lambda _: True)[:5]
        assert [(pose.id, pose.pictures) for pose in found.top_poses] == used
        assert {pose.id for pose in found.top_poses if pose.is_custom} <= {f"pose_of_{user}"}
    async with database.snapshot() as session:
        assert await audit.run(session) == []


def spans(seed: int) -> list[Span]:
    """Of days, of moments, within a day, around midnights, without anything."""
    lots = random.Random(seed)
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    drawn = [NOW - timedelta(seconds=lots.randrange(46 * 86_400)) for _ in range(12)]
    moments = [*drawn, midnight, midnight - 7 * DAY, midnight - 7 * DAY - timedelta(microseconds=1), NOW]
    pairs = [sorted(lots.sample(moments, 2)) for _ in range(25)]
    within_a_day = (midnight - 9 * DAY + timedelta(hours=3), midnight - 9 * DAY + timedelta(hours=20))
    return [Span(start, end) for start, end in [*pairs, within_a_day, (midnight - DAY, midnight)]]


@pytest.mark.parametrize("seed", range(3))
async def test_the_figures_of_a_span_agree_with_ledger_and_rows(
    database: Database, clock: Clock, seed: int
) -> None:
    await do_business(database, clock, seed, generations=60)
    books = await Books.read(database)
    for span in [*spans(seed), Span(NOW - 60 * DAY, NOW + DAY)]:

        def inside(at: datetime, span: Span = span) -> bool:
            return span.start <= at < span.end

        async with database.transaction() as session:
            totals = await metrics.totals(session, span)
            top = await metrics.top_users(session, span, 2)
            popular = await metrics.popular_poses(session, span, 50)
            errors = await metrics.errors(session, span)
        assert totals == counted(books, inside), span
        ranked = [(user, counted(books.of(user), inside)) for user in USERS]
        ranked = [(user, figures) for user, figures in ranked if figures != Figures()]
        ranked.sort(key=lambda pair: (-pair[1].pictures_completed, pair[0]))
        assert list(top) == ranked[:2], span
        public = [(pose, n) for pose, n in books.poses(inside) if not pose.startswith("pose_of_")]
        assert [(pose.id, pose.pictures) for pose in popular] == public
        assert {pose.of_all for pose in popular} <= {sum(n for _, n in public)}
        failed = books.errors(inside)
        by_code = Counter(row["error_code"] for row in failed)
        assert {error.code: error.count for error in errors} == by_code
        assert [error.count for error in errors] == sorted(by_code.values(), reverse=True)
        for error in errors:
            same = [row for row in failed if row["error_code"] == error.code]
            assert error.last_seen_at == max(row["created_at"] for row in same)
            assert error.providers == Counter(row["provider"] or "unknown" for row in same)


async def test_a_picture_counts_once_before_and_after_its_generation_is_settled(
    database: Database, clock: Clock
) -> None:
    """Delivered before midnight, settled after it: running or settled, it stays on its day."""
    of = order(3)
    clock.at = NOW - DAY
    await charge(database, of)
    await deliver(database, of, 0)
    await refund(database, of, 1)
    clock.at = NOW
    running = await asked(database, "ani")
    await settle(database, of)
    settled = await asked(database, "ani")
    yesterday, today = (NOW - DAY).date(), NOW.date()
    assert running.days[yesterday].pictures_completed == 1
    assert settled.days[yesterday] == running.days[yesterday]
    assert (running.running, settled.running) == ({"processing": 1}, {})
    assert settled.days[today] == Figures(
        generations_partial=1, pictures_failed=1, duration_ms=86_400_000, credits_refunded=30
    )


async def test_settling_twice_counts_once(database: Database, clock: Clock) -> None:
    of = order(2)
    await charge(database, of)
    await deliver(database, of, 0)
    await settle(database, of)
    first = await asked(database, "ani")
    await settle(database, of)
    assert await asked(database, "ani") == first


async def test_a_strangers_own_pose_is_never_shown(database: Database, clock: Clock) -> None:
    """Not even when the kept counts were wrong."""
    await sql(
        database, "INSERT INTO user_poses VALUES ('ani', 'pose_of_budi', 99), ('ani', 'pose_of_ani', 3)"
    )
    found = await asked(database, "ani")
    assert [(pose.id, pose.is_custom) for pose in found.top_poses] == [("pose_of_ani", True)]


async def test_nobody_who_made_nothing_has_figures(database: Database, clock: Clock) -> None:
    found = await asked(database, "ani")
    assert set(found.days.values()) == {found.before} == {Figures()}
    assert (found.running, found.top_poses, found.favorites) == ({}, [], stats.Favorites(0, 0))


async def test_names_are_those_of_the_table(database: Database) -> None:
    columns = await sql(
        database,
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'user_days' "
        "ORDER BY ordinal_position",
    )
    assert [name for (name,) in columns] == ["user_id", "day", *NAMES]


async def test_the_day_is_that_of_utc_whatever_the_session_says(database: Database, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
    of = order(1)
    await charge(database, of)
    await deliver(database, of, 0)
    clock.at = NOW
    await settle(database, of)
    days = await sql(database, "SELECT day, credits_charged, pictures_completed FROM user_days ORDER BY day")
    assert days == [(date(2026, 11, 24), 30, 1), (date(2026, 11, 25), 0, 0)]
