"""What is ordered, what was paid for it, and the plan of its pictures."""

from datetime import datetime

from schema.kinds import BackgroundMode, GenerationStatus, GenerationType, PictureCheck, WebhookEvent
from schema.messages.fates import ItemOutcome
from schema.messages.message import Message


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
    at_once: bool = False
    """Whether it is charged within a workflow task (workflows.steps); orders of before were not."""
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
    map_key: str | None = None
    """Its map, where that had been drawn before."""


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
