"""Another background for a picture that is delivered."""

from schema.messages.message import Message
from schema.messages.orders import Background, Treatment


class ChangeOrder(Message):
    """Another background for one delivered picture."""

    change_id: str
    user_id: str
    generation_id: str
    item_id: str
    background: Background
    seed: int
    price_credits: int
    at_once: bool = False
    """Whether it is charged within a workflow task, as an order is."""


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
