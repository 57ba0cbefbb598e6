"""What crosses Temporal: inputs, outputs and query answers of workflows and activities.

Object keys, never pixels; every new field needs a default, since old histories are read with it.
Imports no table, so that the workflow sandbox loads no SQLAlchemy.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from schema.kinds import (
    BackgroundMode,
    GenerationStatus,
    GenerationType,
    ItemStatus,
    PictureCheck,
    WebhookEvent,
)


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Background(Message):
    mode: BackgroundMode
    color: str | None = None
    prompt: str | None = None
    image: str | None = None
    """The id of the upload."""
    image_key: str | None = None
    """Where it is stored."""


class PosePick(Message):
    """One pose and how many pictures of it; without an id the text prompt decides the pose."""

    pose_id: str | None
    variations: int


class ChargeReceipt(Message):
    generation_id: str
    total_items: int
    credits_charged: int
    created_at: datetime
    estimated_completion_at: datetime
    quota_charged: int = 0
    """Items taken from an unlimited user's daily quota instead of credits."""


class ItemOutcome(Message):
    """The fate of one item, stamped with the progress version at which it became known."""

    index: int
    pose_id: str | None
    status: ItemStatus
    version: int
    attempt: int = 1
    image_key: str | None = None
    thumbnail_key: str | None = None
    """Only where it is not the first picture's, as after a later change of the background."""
    error_code: str | None = None


class BoardState(Message):
    """What a generation knows of its progress, carried along when its history is cut."""

    version: int = 0
    status: GenerationStatus = GenerationStatus.PENDING
    receipt: ChargeReceipt | None = None
    credits_refunded: int = 0
    started_version: int | None = None
    spent_ms: int = 0
    outcomes: tuple[ItemOutcome, ...] = ()


class GenerationInput(Message):
    generation_id: str
    user_id: str
    project_id: str
    generation_type: GenerationType
    picks: tuple[PosePick, ...]
    batch_size: int
    seed: int
    item_price_credits: int
    parallelism: int
    text_prompt: str | None = None
    prompt: str | None = None
    formats: tuple[str, ...] = ()
    background: Background | None = None
    avatar_id: str | None = None
    avatar_image_id: str | None = None
    """The upload that shows who is to be in the pictures."""
    webhook_url: str | None = None
    webhook_events: tuple[WebhookEvent, ...] = ()
    retry_of: str | None = None
    carried: BoardState | None = None
    """Set when this run continues an earlier one of the same generation."""

    @property
    def total_items(self) -> int:
        return sum(pick.variations for pick in self.picks)


class PlannedPose(Message):
    """All variations of one pose share its prompt and its map."""

    position: int
    pose_id: str | None
    label: str
    """Short and readable: what the operator sees beside the item's number."""
    prompt: str
    negative_prompt: str
    first_index: int
    variations: int
    guided: bool = True
    """Whether there is a skeleton to guide the provider with, and it can be guided."""


class Treatment(Message):
    """What is done with each picture besides, as the workers are set up; a plan of before knows of none."""

    backdrop_first: bool = False
    """Pictures wait for a background that is made for them, so none is paid for if it cannot be had."""
    matte: bool = False
    """The provider cuts figures out."""
    check: PictureCheck = PictureCheck.OFF


class Plan(Message):
    poses: tuple[PlannedPose, ...]
    treatment: Treatment = Treatment()
    reference_key: str | None = None
    """The picture of who is to be seen, where the provider can look at one."""


class PrepareMap(Message):
    generation_id: str
    position: int


class PreparedMap(Message):
    key: str


class GenerateImage(Message):
    generation_id: str
    item_id: str
    seed: int
    prompt: str
    negative_prompt: str
    map_key: str | None = None
    reference_key: str | None = None


class RawPicture(Message):
    """What the provider gave, in staging and not yet fully checked."""

    key: str
    extension: str
    seed: int
    provider: str
    model: str
    duration_ms: int
    attempt: int
    guided: bool = True
    """Whether the provider was given the pose's map, if there is one."""


class StoreBackdrop(Message):
    """A background picture that the provider made, for all items of what it belongs to."""

    subject_id: str
    """The generation, or the later change of one item."""
    picture: RawPicture


class StoredBackdrop(Message):
    key: str


class ChangeBackground(Message):
    """Puts the figure before one colour, or before the picture at `backdrop_key`."""

    generation_id: str
    item_id: str
    position: int
    picture: RawPicture
    color: str | None = None
    backdrop_key: str | None = None
    matte_key: str | None = None
    """The figure's outline, where the provider was asked for it."""


class ChangeOrder(Message):
    """Another background for one delivered picture."""

    change_id: str
    user_id: str
    generation_id: str
    item_id: str
    background: Background
    seed: int
    price_credits: int


class ChangeReceipt(Message):
    change_id: str
    item_id: str
    credits_charged: int
    quota_charged: int = 0
    picture_key: str = ""
    """The first picture, which every change starts from."""
    treatment: Treatment = Treatment()


class ApplyChange(Message):
    change_id: str
    user_id: str
    color: str | None = None
    backdrop_key: str | None = None
    matte_key: str | None = None
    composed_key: str | None = None
    """The changed picture, where it had to be looked at before."""


class EndChange(Message):
    """Gives back a change that was not made."""

    change_id: str
    user_id: str
    error_code: str


class ChangeOutcome(Message):
    status: str
    """A ChangeStatus, or `refused` when the charge was."""
    credits_charged: int = 0
    credits_refunded: int = 0
    error_code: str | None = None


class MatteImage(Message):
    """Asks the provider which pixels of a picture are the figure's."""

    picture_key: str


class Matte(Message):
    key: str | None
    """None when the provider is not to be asked after all."""


class CheckPicture(Message):
    """May this picture be shown?"""

    picture_key: str
    uploaded: bool = False
    """The user's own, which stays where it is whatever is found."""


class ItemPlace(Message):
    """Which item of which generation, and whose."""

    generation_id: str
    user_id: str
    item_id: str
    index: int
    position: int
    pose_id: str | None
    variation: int


class StoreItem(ItemPlace):
    prompt: str
    picture: RawPicture
    map_key: str | None = None
    before: RawPicture | None = None
    """The picture before its background was changed; kept beside it."""


class StoredItem(Message):
    image_key: str
    superseded: bool = False
    """The item was refunded before this picture came: it stays undelivered."""


class ExportItem(Message):
    generation_id: str
    item_id: str
    position: int
    image_key: str
    formats: tuple[str, ...]


class ExportedItem(Message):
    made: tuple[str, ...]
    missing: tuple[str, ...] = ()


class RefundItem(ItemPlace):
    error_code: str
    attempt: int


class Settle(Message):
    """Ends a generation: whatever has no fate yet is refunded with `error_code`."""

    generation_id: str
    user_id: str
    error_code: str | None
    """Why items are missing, if any are: CANCELLED, PROVIDER_ACCOUNT, …"""
    versions: dict[int, int]
    """The progress version of each item whose fate the workflow knows."""
    next_version: int


class Settlement(Message):
    status: GenerationStatus
    completed: int
    failed: int
    credits_refunded: int
    items: tuple[ItemOutcome, ...]
    """The items whose fate only settling decided or revealed."""
    version: int
    """The version of the terminal event: the last one there is."""


class Progress(Message):
    """The answer to the progress query, and the same thing rebuilt from the database."""

    generation_id: str
    version: int
    status: GenerationStatus
    total: int
    completed: int
    failed: int
    credits_charged: int
    credits_refunded: int
    items: tuple[ItemOutcome, ...]
    """Those newer than the version asked for, oldest first."""
    started_version: int | None = None
    eta_s: int | None = None
    error_code: str | None = None
    stale: bool = False
    """Read from the database because Temporal could not be asked."""

    @property
    def percentage(self) -> int:
        return 100 * (self.completed + self.failed) // self.total if self.total else 100


class Outcome(Message):
    """What a finished generation workflow returns."""

    status: str
    """A terminal GenerationStatus, or `refused` when the charge was."""
    completed: int = 0
    failed: int = 0
    credits_charged: int = 0
    credits_refunded: int = 0
    error_code: str | None = None


class StatusChange(Message):
    """A generation that goes on, pauses or resumes; the ends are Settle's."""

    generation_id: str
    user_id: str
    status: GenerationStatus
