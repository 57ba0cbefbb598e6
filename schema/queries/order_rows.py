"""The rows that an order becomes once paid: the generation, and its poses as they are at that moment."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound, ValidationFailed
from schema.messages.orders import GenerationInput
from schema.tables import Avatar, Generation, Upload
from schema.tables.columns import now

SNAPSHOT = text("""
    INSERT INTO pose_selections (generation_id, position, pose_id, name, description, keypoints, variations)
    SELECT :generation_id, pick.position - 1, pick.pose_id, coalesce(pose.name, 'text'),
           coalesce(pose.description, :text_prompt), pose.keypoints, pick.variations
    FROM unnest(CAST(:pose_ids AS text[]), CAST(:variations AS int[]))
         WITH ORDINALITY AS pick (pose_id, variations, position)
    LEFT JOIN pose_library AS pose ON pose.id = pick.pose_id
    WHERE pick.pose_id IS NULL OR pose.id IS NOT NULL
""")


def generation(order: GenerationInput, item_ms: float) -> Generation:
    at = now()
    needs = timedelta(milliseconds=item_ms) * order.total_items / order.parallelism
    return Generation(
        id=order.generation_id,
        user_id=order.user_id,
        project_id=order.project_id,
        generation_type=order.generation_type,
        text_prompt=order.text_prompt,
        prompt=order.prompt,
        batch_size=order.batch_size,
        output_formats=list(order.formats),
        seed=order.seed,
        background=order.background.model_dump(mode="json") if order.background else None,
        avatar_id=order.avatar_id,
        avatar_image_id=order.avatar_image_id,
        webhook_url=order.webhook_url,
        webhook_events=list(order.webhook_events),
        retry_of=order.retry_of,
        total_expected_poses=order.total_items,
        item_price_credits=order.item_price_credits,
        estimated_completion_at=at + needs,
        created_at=at,
    )


async def require_sitter(session: AsyncSession, order: GenerationInput) -> None:
    """Neither the avatar nor its picture was deleted since the order was read. The user is locked."""
    if order.avatar_id and await session.get(Avatar, order.avatar_id) is None:
        raise NotFound("There is no such avatar any more. Choose another one.")
    if order.avatar_image_id and await session.get(Upload, order.avatar_image_id) is None:
        raise NotFound("The picture of the avatar was deleted. Give it another one.")


async def keep_poses(session: AsyncSession, order: GenerationInput) -> None:
    connection = await session.connection()
    kept = await connection.execute(
        SNAPSHOT,
        {
            "generation_id": order.generation_id,
            "text_prompt": order.text_prompt or "",
            "pose_ids": [pick.pose_id for pick in order.picks],
            "variations": [pick.variations for pick in order.picks],
        },
    )
    if kept.rowcount != len(order.picks):
        raise ValidationFailed("A selected pose is no longer in the library. Choose another one.")
