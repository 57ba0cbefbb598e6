"""The steps of one picture."""

from schema.messages.fates import ItemPlace
from schema.messages.message import Message


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


class CheckPicture(Message):
    """May this picture be shown?"""

    picture_key: str
    uploaded: bool = False
    """The user's own, which stays where it is whatever is found."""


class MatteImage(Message):
    """Asks the provider which pixels of a picture are the figure's."""

    picture_key: str


class Matte(Message):
    key: str | None
    """None when the provider is not to be asked after all."""


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


class StoreItem(ItemPlace):
    prompt: str
    picture: RawPicture
    map_key: str | None = None
    before: RawPicture | None = None
    """The picture before its background was changed; kept beside it."""
    exports_follow: bool = False


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
