"""What a request asks for, checked against the rules and the database, as the order a workflow takes.

Nothing here charges or changes anything.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from api import receivers
from imaging import formats
from schema import prices, prompts
from schema.errors import Conflict, Forbidden, ValidationFailed
from schema.kinds import GenerationType, ProjectStatus, WebhookEvent
from schema.messages import Background, GenerationInput, PosePick
from schema.models.generate import GalleryOrder, TextOrder
from schema.queries import custom_poses, generations, library, projects, quota
from schema.tables import User
from schema.tables.columns import now


class Request(Protocol):
    """Something that becomes an order."""

    @property
    def fingerprint(self) -> str:
        """Equal for requests that ask for the same."""
        ...

    async def order(self, session: AsyncSession, user: User, generation_id: str) -> GenerationInput: ...


@dataclass(frozen=True)
class NewGeneration:
    wanted: GalleryOrder | TextOrder
    parallelism: int
    allow_loopback: bool = False

    @property
    def fingerprint(self) -> str:
        return _hash(self.wanted.model_dump(mode="json"))

    async def order(self, session: AsyncSession, user: User, generation_id: str) -> GenerationInput:
        wanted = self.wanted
        _refuse_what_is_not_there_yet(wanted)
        _check_prompts(wanted)
        receivers.require_possible(wanted.webhook_url, "webhookUrl", allow_loopback=self.allow_loopback)
        project = await projects.owned(session, wanted.project_id, user.id)
        if project.status != ProjectStatus.ACTIVE:
            raise Conflict("This project is archived. Make it active again first.")
        await projects.require_avatar(session, wanted.avatar_id, user.id)
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
            item_price_credits=prices.item_price(background=False),
            parallelism=self.parallelism,
            text_prompt=wanted.text_prompt if isinstance(wanted, TextOrder) else None,
            prompt=(wanted.prompt or None) if isinstance(wanted, GalleryOrder) else None,
            formats=_format_names(wanted.output_formats),
            avatar_id=wanted.avatar_id,
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
            webhook_url=earlier.webhook_url,
            webhook_events=tuple(WebhookEvent(event) for event in earlier.webhook_events),
            retry_of=earlier.id,
        )


def priority_key(user: User) -> int:
    """Lower goes first."""
    return 2 if user.is_premium or quota.unlimited(user, now()) else 3


def _refuse_what_is_not_there_yet(wanted: GalleryOrder | TextOrder) -> None:
    if wanted.use_background_changer:
        raise _fault("useBackgroundChanger", "The background changer is not available yet. Leave it out.")


def _check_prompts(wanted: GalleryOrder | TextOrder) -> None:
    if isinstance(wanted, TextOrder):
        prompts.check_pose_text(wanted.text_prompt)
    elif wanted.prompt:
        prompts.check_content(wanted.prompt)


def _picks(wanted: GalleryOrder | TextOrder) -> tuple[PosePick, ...]:
    if wanted.total_items > prices.MAX_ITEMS:
        message = f"{wanted.total_items} pictures are too many: poses x variations <= {prices.MAX_ITEMS}."
        raise _fault("batchSize", message)
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
    known = usable.keys() | await custom_poses.usable(session, project_id, asked)
    missing = [n for n, pose_id in enumerate(wanted) if pose_id not in known]
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
        raise _fault(f"outputFormats.{number}", error.message) from error


def _fault(path: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, details=[{"path": path, "in": "body", "message": message}])


def _drawn_seed() -> int:
    return secrets.randbelow(prices.MAX_SEED + 1)


def _hash(request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
