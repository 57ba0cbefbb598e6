"""Every list and count that the API serves, as its routes ask for them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.cursors import Place
from schema.kinds import DeliveryStatus, GenerationStatus, ItemStatus, LedgerType, UploadPurpose
from schema.queries import (
    accounts,
    avatars,
    background_changes,
    custom_poses,
    generations,
    items,
    ledger,
    metrics,
    pose_requests,
    projects,
    receipts,
    shares,
    stats,
    uploads,
)
from schema.queries.webhooks import deliveries
from schema.spans import Span
from tests.lists.year import BUSIEST

Ask = Callable[[AsyncSession], Awaitable[Any]]

NOW = datetime.now(UTC)
MONTH = Span(NOW - timedelta(days=30), NOW)
YEAR = Span(NOW - timedelta(days=365), NOW)
HALF_A_YEAR_AGO: Place = (NOW - timedelta(days=180), "gen_")


def of_user(user_id: str) -> Mapping[str, Ask]:
    project_id = f"proj_{user_id}"

    def history(**asked: Any) -> Ask:
        return lambda session: generations.history(session, user_id, **{"after": None, "limit": 24} | asked)

    def entries(**asked: Any) -> Ask:
        return lambda session: accounts.ledger_page(
            session, user_id, **{"before_id": None, "limit": 50} | asked
        )

    def messages(**asked: Any) -> Ask:
        return lambda session: deliveries.page(session, user_id, **{"after": None, "limit": 24} | asked)

    return {
        "history, first page": history(),
        "history, half a year back": history(after=HALF_A_YEAR_AGO),
        "history, of a project": history(project_id=project_id),
        **{f"history, {status}": history(status=status) for status in GenerationStatus},
        "history, cancelled of a project": history(status=GenerationStatus.CANCELLED, project_id=project_id),
        "running ones, for streams": lambda session: generations.running(session, user_id, 50),
        "just settled, for streams": lambda session: generations.just_settled(
            session, user_id, timedelta(seconds=60), 50
        ),
        "ledger, first page": entries(),
        "ledger, far back": entries(before_id=500_000),
        **{f"ledger, {kind}s": entries(kind=kind) for kind in LedgerType},
        "projects": lambda session: projects.page(session, user_id, None, 1, 24),
        "poses of a project": lambda session: custom_poses.page(session, project_id, user_id, 1, 24),
        "avatars": lambda session: avatars.page(session, user_id, 1, 24),
        "use of an avatar": lambda session: avatars.usage(
            session, f"avatar_{user_id}1", user_id, before_id=None, limit=24
        ),
        "uploads": lambda session: uploads.page(session, user_id, None, after=None, limit=24),
        "uploads for avatars": lambda session: uploads.page(
            session, user_id, UploadPurpose.AVATAR, after=None, limit=24
        ),
        "webhook deliveries": messages(),
        "webhook deliveries, failed": messages(status=DeliveryStatus.FAILED),
        "webhook deliveries, of an event": messages(event="generation.completed"),
        "stats": lambda session: stats.of_user(session, user_id, NOW.date()),
    }


def of_generation(user_id: str, generation_id: str) -> Mapping[str, Ask]:
    def results(status: ItemStatus | None) -> Ask:
        return lambda session: items.page(session, generation_id, after_index=None, limit=50, status=status)

    return {
        "results, first page": results(None),
        "results, failed ones": results(ItemStatus.FAILED),
        "shares": lambda session: shares.listed(session, generation_id, user_id),
        "deliveries of one generation": lambda session: deliveries.page(
            session, user_id, generation_id=generation_id, after=None, limit=24
        ),
        "backgrounds of a picture": lambda session: background_changes.of_item(
            session, ids.item_id(generation_id, 3), user_id
        ),
        "receipt": lambda session: receipts.read(session, generation_id, user_id),
        "ledger of one generation": lambda session: accounts.ledger_page(
            session, user_id, generation_id=generation_id, before_id=None, limit=50
        ),
    }


OF_EVERYBODY: Mapping[str, Ask] = {
    "requests for poses": lambda session: pose_requests.page(session, BUSIEST, None, 1, 24),
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
