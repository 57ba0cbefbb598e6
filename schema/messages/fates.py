"""How items and generations end, and what is told of that on the way."""

from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.message import Message


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


class ItemPlace(Message):
    """Which item of which generation, and whose."""

    generation_id: str
    user_id: str
    item_id: str
    index: int
    position: int
    pose_id: str | None
    variation: int


class RefundItem(ItemPlace):
    error_code: str
    attempt: int


class StatusChange(Message):
    """A generation that goes on, pauses or resumes; the ends are Settle's."""

    generation_id: str
    user_id: str
    status: GenerationStatus


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
