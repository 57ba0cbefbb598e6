"""A user with a project and poses to order, the orders, and what may happen to their items."""

from typing import Any

from sqlalchemy import text

from schema import ids
from schema.database import Database
from schema.kinds import BackgroundMode, GenerationType, Role
from schema.messages.changes import ApplyChange, ChangeOrder, ChangeReceipt, EndChange
from schema.messages.fates import RefundItem, Settle, Settlement
from schema.messages.orders import Background, ChargeReceipt, GenerationInput, PosePick
from schema.messages.pictures import RawPicture, StoreItem
from schema.queries import background_changes, delivery, ledger, settlement, users
from schema.queries.background_changes import Remade
from schema.tables import Avatar, Generation, Item, Pose, PoseCategory, Project, User

PRICE = 30
POSES = ("pose_bow", "pose_jump", "pose_sit")
KEYPOINTS: list[list[float] | None] = [[0.5, 0.25]] * 17 + [None]


async def open_shop(database: Database, *user_ids: str, credits_each: int = 0) -> None:
    """Users with a project and an avatar each, and the poses they share."""
    async with database.transaction() as session:
        session.add(PoseCategory(id="all", name="All"))
        await session.flush()
        session.add_all(
            Pose(id=pose, name=pose.title(), description=f"a {pose}", category_id="all", keypoints=KEYPOINTS)
            for pose in POSES
        )
        for user_id in user_ids:
            await users.ensure(session, user_id, Role.USER, credits_each)
            session.add(Avatar(id=f"avt_{user_id}", user_id=user_id, name="Me"))
            session.add(Project(id=f"proj_{user_id}", user_id=user_id, project_name="Shop"))
            await session.flush()


def order(items: int = 1, *, user: str = "ani", price: int = PRICE, **fields: Any) -> GenerationInput:
    """Of one pose, unless `picks` says otherwise."""
    given = {
        "generation_id": ids.generation_id(),
        "picks": (PosePick(pose_id=POSES[0], variations=items),),
        "project_id": f"proj_{user}",
        "generation_type": GenerationType.GALLERY_REFERENCE,
        "batch_size": items,
        "seed": 7,
        "parallelism": 8,
    }
    return GenerationInput.model_validate(given | fields | {"user_id": user, "item_price_credits": price})


def stored(of: GenerationInput, index: int, **picture: Any) -> StoreItem:
    key = f"staging/{index}"
    made = {"key": key, "extension": "png", "seed": 1, "provider": "fal", "model": "m", "duration_ms": 1000}
    return StoreItem(
        **_place(of, index),
        prompt="a bow",
        picture=RawPicture.model_validate(made | {"attempt": 1} | picture),
    )


def refunded(of: GenerationInput, index: int, error_code: str = "BAD_IMAGE") -> RefundItem:
    return RefundItem(**_place(of, index), error_code=error_code, attempt=2)


def _place(of: GenerationInput, index: int) -> dict[str, Any]:
    places = [(p, v) for p, pick in enumerate(of.picks) for v in range(pick.variations)]
    position, variation = places[index]
    return {
        "generation_id": of.generation_id,
        "user_id": of.user_id,
        "item_id": ids.item_id(of.generation_id, index),
        "index": index,
        "position": position,
        "pose_id": of.picks[position].pose_id,
        "variation": variation,
    }


async def charge(database: Database, of: GenerationInput) -> ChargeReceipt:
    async with database.transaction() as session:
        return await ledger.charge(session, of)


async def deliver(database: Database, of: GenerationInput, index: int, **picture: Any) -> bool:
    made = stored(of, index, **picture)
    async with database.transaction() as session:
        return await delivery.deliver(session, made, f"generated/{index}.png", "thumb.jpg", 0.9)


async def refund(
    database: Database,
    of: GenerationInput,
    index: int,
    error_code: str = "BAD_IMAGE",
    provider: str | None = None,
) -> int:
    async with database.transaction() as session:
        return await delivery.refund(session, refunded(of, index, error_code), provider)


async def settle(
    database: Database,
    of: GenerationInput,
    error_code: str | None = None,
    versions: dict[int, int] | None = None,
    next_version: int = 1,
    *,
    provider: str | None = None,
) -> Settlement:
    call = Settle(
        generation_id=of.generation_id,
        user_id=of.user_id,
        error_code=error_code,
        versions=versions or {},
        next_version=next_version,
    )
    async with database.transaction() as session:
        return await settlement.settle(session, call, provider)


def change_order(of: GenerationInput, index: int = 0, price: int = 10) -> ChangeOrder:
    """Another background for a delivered picture."""
    return ChangeOrder(
        change_id=ids.background_change_id(),
        user_id=of.user_id,
        generation_id=of.generation_id,
        item_id=ids.item_id(of.generation_id, index),
        background=Background(mode=BackgroundMode.SOLID_COLOR, color="#FFFFFF"),
        seed=1,
        price_credits=price,
    )


async def charge_change(database: Database, wanted: ChangeOrder) -> ChangeReceipt:
    async with database.transaction() as session:
        return await background_changes.charge(session, wanted)


async def complete_change(database: Database, wanted: ChangeOrder) -> bool:
    made = ApplyChange(change_id=wanted.change_id, user_id=wanted.user_id)
    remade = Remade(f"{wanted.change_id}.png", f"{wanted.change_id}.jpg", {}, frozenset({"web"}))
    async with database.transaction() as session:
        return await background_changes.complete(session, made, remade)


async def refund_change(database: Database, wanted: ChangeOrder, error_code: str = "BAD_IMAGE") -> int:
    ended = EndChange(change_id=wanted.change_id, user_id=wanted.user_id, error_code=error_code)
    async with database.transaction() as session:
        return await background_changes.refund(session, ended)


async def balance(database: Database, user_id: str = "ani") -> int:
    async with database.transaction() as session:
        return (await users.read(session, user_id)).balance_credits


async def user(database: Database, user_id: str = "ani") -> User:
    async with database.transaction() as session:
        return await users.read(session, user_id)


async def generation(database: Database, of: GenerationInput) -> Generation:
    async with database.transaction() as session:
        found = await session.get(Generation, of.generation_id)
    assert found is not None
    return found


async def item(database: Database, of: GenerationInput, index: int) -> Item | None:
    async with database.transaction() as session:
        return await session.get(Item, ids.item_id(of.generation_id, index))


async def sql(database: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """In a transaction of its own; the rows, where there are any."""
    async with database.transaction() as session:
        result = await (await session.connection()).execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []
