"""What a request asks for, checked against the rules and the database, as the order a workflow takes.

Nothing here charges or changes anything.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from sqlmodel.ext.asyncio.session import AsyncSession

from api import receivers
from api.backgrounds import Backgrounds
from imaging import formats
from schema import prices, prompts
from schema.errors import Conflict, Forbidden, NotFound, ValidationFailed
from schema.kinds import BackgroundMode, GenerationType, ProjectStatus, WebhookEvent
from schema.messages.orders import Background, GenerationInput, PosePick
from schema.models.generate import GalleryOrder, TextOrder
from schema.queries import avatars, custom_poses, generations, library, projects, quota, uploads
from schema.tables import User
from schema.tables.columns import now


class Request(Protocol):
    """Something that becomes an order."""

    @property
    def fingerprint(self) -> str:
        """Equal for requests that ask for the same."""
        ...

    @property
    def names_a_picture(self) -> bool:
        """Preparing it may take as long as a stranger's server does."""
        ...

    async def prepared(self, backgrounds: Backgrounds, user_id: str, *, only_check: bool = False) -> Self:
        """With all that is not in the database."""
        ...

    async def order(self, session: AsyncSession, user: User, generation_id: str) -> GenerationInput: ...


@dataclass(frozen=True)
class NewGeneration:
    wanted: GalleryOrder | TextOrder
    parallelism: int
    allow_loopback: bool = False
    background: Background | None = None

    @property
    def fingerprint(self) -> str:
        return _hash(self.wanted.model_dump(mode="json"))

    @property
    def names_a_picture(self) -> bool:
        return self.wanted.use_background_changer and self.wanted.background_mode is BackgroundMode.UPLOAD

    async def prepared(self, backgrounds: Backgrounds, user_id: str, *, only_check: bool = False) -> Self:
        if not self.wanted.use_background_changer:
            return self
        background = await backgrounds.chosen(user_id, self.wanted, only_check=only_check)
        return replace(self, background=background)

    async def order(self, session: AsyncSession, user: User, generation_id: str) -> GenerationInput:
        wanted = self.wanted
        _check_prompts(wanted)
        receivers.require_possible(wanted.webhook_url, "webhookUrl", allow_loopback=self.allow_loopback)
        project = await projects.owned(session, wanted.project_id, user.id)
        if project.status != ProjectStatus.ACTIVE:
            raise Conflict("This project is archived. Make it active again first.")
        avatar_id, image_id = await avatars.sitter(session, project, wanted.avatar_id, user.id)
        picks = _picks(wanted)
        await _require_poses(session, user, project.id, picks)
        receiver, events = await receivers.chosen(session, user.id, wanted.webhook_url, wanted.webhook_events)
        return GenerationInput(
            generation_id=generation_id,
            user_id=user.id,
            project_id=project.id,
            generation_type=wanted.generation_type,
            picks=picks,
            batch_size=wanted.variations,
            seed=_drawn_seed() if wanted.seed is None else wanted.seed,
            item_price_credits=prices.item_price(background=self.background is not None),
            parallelism=self.parallelism,
            text_prompt=wanted.text_prompt if isinstance(wanted, TextOrder) else None,
            prompt=(wanted.prompt or None) if isinstance(wanted, GalleryOrder) else None,
            formats=_format_names(wanted.output_formats),
            background=self.background,
            avatar_id=avatar_id,
            avatar_image_id=image_id,
            webhook_url=receiver,
            webhook_events=events,
        )


@dataclass(frozen=True)
class Retry:
    """The pictures of an earlier generation that were never delivered, with a new seed."""

    generation_id: str
    parallelism: int

    @property
    def fingerprint(self) -> str:
        return _hash({"retryOf": self.generation_id})

    @property
    def names_a_picture(self) -> bool:
        return False

    async def prepared(self, backgrounds: Backgrounds, user_id: str, *, only_check: bool = False) -> Self:  # noqa: ARG002 - asked like an order, whose pictures are fetched
        return self

    async def order(self, session: AsyncSession, user: User, generation_id: str) -> GenerationInput:
        earlier = await generations.owned(session, self.generation_id, user.id)
        if earlier.settled_at is None:
            raise Conflict("This generation is still running. Wait for its end or cancel it.")
        picks = await generations.undelivered(session, earlier.id)
        if not picks:
            raise Conflict("Every picture of this generation was delivered: there is nothing to retry.")
        await projects.owned(session, earlier.project_id, user.id)
        kind = GenerationType(earlier.generation_type)
        if kind is GenerationType.GALLERY_REFERENCE:
            await _require_poses(session, user, earlier.project_id, picks)
        background = Background.model_validate(earlier.background) if earlier.background else None
        await _require_image(session, user, background)
        return GenerationInput(
            generation_id=generation_id,
            user_id=user.id,
            project_id=earlier.project_id,
            generation_type=kind,
            picks=picks,
            batch_size=earlier.batch_size,
            seed=_drawn_seed(),
            item_price_credits=prices.item_price(background=background is not None),
            parallelism=self.parallelism,
            text_prompt=earlier.text_prompt,
            prompt=earlier.prompt,
            formats=tuple(earlier.output_formats),
            background=background,
            avatar_id=earlier.avatar_id,
            avatar_image_id=earlier.avatar_image_id,
            webhook_url=earlier.webhook_url,
            webhook_events=tuple(WebhookEvent(event) for event in earlier.webhook_events),
            retry_of=earlier.id,
        )


def priority_key(user: User) -> int:
    """Lower goes first."""
    return 2 if user.is_premium or quota.unlimited(user, now()) else 3


async def _require_image(session: AsyncSession, user: User, background: Background | None) -> None:
    try:
        if background and background.image:
            await uploads.owned(session, background.image, user.id)
    except NotFound as error:
        raise Conflict(
            "The background picture has been deleted. Start a new generation with another."
        ) from error


def _check_prompts(wanted: GalleryOrder | TextOrder) -> None:
    if isinstance(wanted, TextOrder):
        prompts.check_pose_text(wanted.text_prompt)
    elif wanted.prompt:
        prompts.check_content(wanted.prompt)


def _picks(wanted: GalleryOrder | TextOrder) -> tuple[PosePick, ...]:
    if wanted.total_items > prices.MAX_ITEMS:
        message = f"{wanted.total_items} pictures are too many: poses x variations <= {prices.MAX_ITEMS}."
        raise ValidationFailed.at("batchSize", message)
    poses = wanted.selected_pose_ids if isinstance(wanted, GalleryOrder) else [None]
    return tuple(PosePick(pose_id=pose_id, variations=wanted.variations) for pose_id in poses)


async def _require_poses(
    session: AsyncSession, user: User, project_id: str, picks: tuple[PosePick, ...]
) -> None:
    """Of the library, or of the project's own."""
    wanted = [pick.pose_id for pick in picks]
    if wanted == [None]:
        return
    asked = [pose_id for pose_id in wanted if pose_id]
    usable = await library.usable(session, asked)
    others = [pose_id for pose_id in asked if pose_id not in usable]
    own = await custom_poses.usable(session, project_id, others) if others else set[str]()
    missing = [n for n, pose_id in enumerate(wanted) if pose_id not in usable.keys() | own]
    if missing:
        details = [{"path": f"selectedPoseIds.{n}", "message": "is not in the library"} for n in missing]
        raise ValidationFailed("Some poses are not in the library. Choose others.", details=details)
    if any(usable.values()) and not (user.is_premium or quota.unlimited(user, now())):
        raise Forbidden("Premium poses need a premium account. Choose others or upgrade.")


def _format_names(names: list[str]) -> tuple[str, ...]:
    """Without aliases and repetitions."""
    return tuple(dict.fromkeys(_format_name(n, name) for n, name in enumerate(names)))


def _format_name(number: int, name: str) -> str:
    try:
        return formats.resolve(name).name
    except ValidationFailed as error:
        raise ValidationFailed.at(f"outputFormats.{number}", error.message) from error


def _drawn_seed() -> int:
    return secrets.randbelow(prices.MAX_SEED + 1)


def _hash(request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
