"""Every list and count that the API serves, as its routes ask for them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schema.cursors import Place
from schema.kinds import GenerationStatus, ItemStatus, LedgerType
from schema.queries import accounts, avatars, generations, items, ledger, metrics, projects, receipts, stats
from schema.queries.webhooks import deliveries
from schema.spans import Span
from tests.lists.year import BUSIEST

Ask = Callable[[AsyncSession], Awaitable[Any]]

NOW = datetime.now(UTC)
MONTH = Span(NOW - timedelta(days=30), NOW)
YEAR = Span(NOW - timedelta(days=365), NOW)
HALF_A_YEAR_AGO: Place = (NOW - timedelta(days=180), "gen_")


def _history(**asked: Any) -> Ask:
    return lambda session: generations.history(session, BUSIEST, **{"after": None, "limit": 24} | asked)


def _ledger(**asked: Any) -> Ask:
    return lambda session: accounts.ledger_page(session, BUSIEST, **{"before_id": None, "limit": 50} | asked)


OF_USER: Mapping[str, Ask] = {
    "history, first page": _history(),
    "history, half a year back": _history(after=HALF_A_YEAR_AGO),
    "history, of a project": _history(project_id=f"proj_{BUSIEST}"),
    **{f"history, {status}": _history(status=status) for status in GenerationStatus},
    "history, cancelled of a project": _history(
        status=GenerationStatus.CANCELLED, project_id=f"proj_{BUSIEST}"
    ),
    "running ones, for streams": lambda session: generations.running(session, BUSIEST, 50),
    "just settled, for streams": lambda session: generations.just_settled(
        session, BUSIEST, timedelta(seconds=60), 50
    ),
    "ledger, first page": _ledger(),
    "ledger, far back": _ledger(before_id=500_000),
    **{f"ledger, {kind}s": _ledger(kind=kind) for kind in LedgerType},
    "projects": lambda session: projects.page(session, BUSIEST, None, 1, 24),
    "avatars": lambda session: avatars.page(session, BUSIEST, 1, 24),
    "webhook deliveries": lambda session: deliveries.page(session, BUSIEST, after=None, limit=24),
    "stats of the busiest user": lambda session: stats.of_user(session, BUSIEST, NOW.date()),
}

OF_OPERATOR: Mapping[str, Ask] = {
    "usual time of a picture": ledger.usual_item_ms,
    "metrics, a month": lambda session: metrics.totals(session, MONTH),
    "metrics, a year": lambda session: metrics.totals(session, YEAR),
    "top users, a month": lambda session: metrics.top_users(session, MONTH, 10),
    "top users, a year": lambda session: metrics.top_users(session, YEAR, 10),
    "popular poses, a month": lambda session: metrics.popular_poses(session, MONTH, 10),
    "popular poses, a year": lambda session: metrics.popular_poses(session, YEAR, 10),
    "errors, a month": lambda session: metrics.errors(session, MONTH),
    "errors, a year": lambda session: metrics.errors(session, YEAR),
}


def of_generation(generation_id: str) -> Mapping[str, Ask]:
    return {
        "results, first page": lambda session: items.page(
            session, generation_id, after_index=None, limit=50, status=None
        ),
        "results, failed ones": lambda session: items.page(
            session, generation_id, after_index=None, limit=50, status=ItemStatus.FAILED
        ),
        "receipt": lambda session: _receipt(session, generation_id),
        "ledger of one generation": _ledger(generation_id=generation_id),
    }


async def _receipt(session: AsyncSession, generation_id: str) -> receipts.Books:
    return await receipts.read(session, generation_id, BUSIEST)


def all_of(generation_id: str) -> Mapping[str, Ask]:
    return {**OF_USER, **of_generation(generation_id), **OF_OPERATOR}
