"""The end of a generation: every item has a fate, every credit an answer, and nothing of it changes again.

Needs only the rows, so it also settles a generation whose workflow is lost.
"""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, Settle, Settlement
from schema.queries import counting, ledger, locks, quota, statistics
from schema.queries.delivery import CANCELLED, undelivered_status
from schema.tables import Generation, Item, PoseSelection, User
from schema.tables.columns import now

STAMP = text("""
    UPDATE generated_poses SET version = stamp.version
    FROM unnest(CAST(:indexes AS int[]), CAST(:versions AS int[])) AS stamp (index, version)
    WHERE generation_id = :generation_id AND generated_poses.index = stamp.index
""")


async def settle(session: AsyncSession, call: Settle, provider: str | None = None) -> Settlement:
    """Repeated with the same call, it answers the same. `provider` is the one in use, as for a refund."""
    user = await locks.user(session, call.user_id)
    generation = await locks.generation(session, call.generation_id)
    if generation.settled_at is None:
        await _settle(session, call, user, generation, provider)
    return _settlement(generation, call, await _items(session, generation.id))


async def _settle(
    session: AsyncSession, call: Settle, user: User, generation: Generation, provider: str | None
) -> None:
    items = await _items(session, generation.id)
    missing = await _add_missing(session, generation, items, call.error_code or "INTERNAL", provider)
    await _give_back(session, user, generation, len(missing))
    items = sorted([*items, *missing], key=lambda item: item.index)
    terminal_version = await _stamp(session, call, items)
    _close(generation, items, call.error_code, terminal_version)
    await statistics.count(session, generation, items)


async def _items(session: AsyncSession, generation_id: str) -> list[Item]:
    query = select(Item).where(Item.generation_id == generation_id).order_by(col(Item.index))
    return list(await session.exec(query.execution_options(populate_existing=True)))


async def _add_missing(
    session: AsyncSession,
    generation: Generation,
    items: Iterable[Item],
    error_code: str,
    provider: str | None,
) -> list[Item]:
    status = undelivered_status(error_code)
    query = select(PoseSelection).where(PoseSelection.generation_id == generation.id)
    selections = await session.exec(query.order_by(col(PoseSelection.position)))
    places = [(pose, variation) for pose in selections for variation in range(pose.variations)]
    known = {item.index for item in items}
    missing = [
        Item(
            id=ids.item_id(generation.id, index),
            generation_id=generation.id,
            index=index,
            position=pose.position,
            pose_id=pose.pose_id,
            variation=variation,
            status=status,
            provider=provider if status == ItemStatus.FAILED else None,
            error_code=error_code,
            credit_refunded=generation.item_price_credits if generation.credit_charged else 0,
        )
        for index, (pose, variation) in enumerate(places)
        if index not in known
    ]
    session.add_all(missing)
    await session.flush()
    for item in missing:
        counting.fate(session, item)
    return missing


async def _give_back(session: AsyncSession, user: User, generation: Generation, items: int) -> None:
    quota.give_back(user, generation, items)
    credits_back = generation.item_price_credits * items if generation.credit_charged else 0
    if credits_back:
        await ledger.post(session, ledger.refund_entry(generation, "rest", credits_back))
        generation.credit_refunded += credits_back


async def _stamp(session: AsyncSession, call: Settle, items: list[Item]) -> int:
    """Gives every item the version at which clients see it; answers that of the terminal event."""
    unseen = [item.index for item in items if item.index not in call.versions]
    versions = call.versions | {index: call.next_version + n for n, index in enumerate(unseen)}
    connection = await session.connection()
    await connection.execute(
        STAMP,
        {
            "generation_id": call.generation_id,
            "indexes": list(versions),
            "versions": list(versions.values()),
        },
    )
    return call.next_version + len(unseen)


def _close(generation: Generation, items: list[Item], error_code: str | None, version: int) -> None:
    codes = Counter(item.error_code for item in items if item.error_code)
    generation.poses_completed = len(items) - codes.total()
    generation.poses_failed = codes.total()
    generation.error_code = error_code if error_code in codes else _most_common(codes)
    generation.status = _final_status(generation)
    generation.progress_version = version
    generation.settled_at = now()


def _most_common(codes: Counter[str]) -> str | None:
    return codes.most_common(1)[0][0] if codes else None


def _final_status(generation: Generation) -> GenerationStatus:
    if not generation.poses_failed:
        return GenerationStatus.COMPLETED
    if generation.error_code == CANCELLED:
        return GenerationStatus.CANCELLED
    return GenerationStatus.PARTIAL if generation.poses_completed else GenerationStatus.FAILED


def _settlement(generation: Generation, call: Settle, items: Iterable[Item]) -> Settlement:
    return Settlement(
        status=GenerationStatus(generation.status),
        completed=generation.poses_completed,
        failed=generation.poses_failed,
        credits_refunded=generation.credit_refunded,
        items=tuple(outcome(item) for item in items if item.index not in call.versions),
        version=generation.progress_version,
    )


def outcome(item: Item) -> ItemOutcome:
    """An item whose version is not known yet has 0: older than any event."""
    return ItemOutcome(
        index=item.index,
        pose_id=item.pose_id,
        status=ItemStatus(item.status),
        version=item.version or 0,
        attempt=item.attempt,
        image_key=item.image_key,
        thumbnail_key=item.thumbnail_key,
        error_code=item.error_code,
    )
