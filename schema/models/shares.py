"""Public links to pictures: as their owner sees them, and what they show."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Protocol, Self

from pydantic import Field

from schema import filenames, keys, prices
from schema.models.base import NUMBER, ApiModel, Flag, Reference, UrlOf
from schema.tables import Item, Share

DEFAULT_HOURS = 7 * 24
MAX_HOURS = 90 * 24


class UrlUntil(Protocol):
    """Makes the URL of a stored object that ends in time; what Storage.url does."""

    def __call__(
        self, key: str, *, download_name: str | None = None, until: datetime | None = None
    ) -> str: ...


class ShareOrder(ApiModel):
    item_ids: Annotated[list[Reference], Field(min_length=1, max_length=prices.MAX_ITEMS)] | None = Field(
        None, description="Delivered pictures of the generation; without it all that are delivered now."
    )
    expires_in_hours: Annotated[int, Field(ge=1, le=MAX_HOURS), NUMBER] = DEFAULT_HOURS
    allow_download: Flag = Field(default=False, description="Whether the page offers files to save.")


class ShareView(ApiModel):
    id: str
    generation_id: str
    item_ids: list[str]
    allow_download: bool
    expires_at: datetime
    created_at: datetime


class ShareAnswer(ApiModel):
    share: ShareView
    url: str
    """The public page. It is told here only: we keep no more than its hash."""
    token: str
    """Its last part, for GET /shared/{token}."""


class SharesAnswer(ApiModel):
    shares: list[ShareView]


class SharedPicture(ApiModel):
    number: int
    url: str
    thumbnail_url: str
    download_url: str | None


class SharedAnswer(ApiModel):
    """The pictures and nothing about how they came to be."""

    pictures: list[SharedPicture]
    allow_download: bool
    expires_at: datetime

    @classmethod
    def of(cls, share: Share, items: Sequence[Item], url: UrlUntil) -> Self:
        ending = partial(url, until=share.expires_at)
        offered = share.allow_download
        return cls(
            pictures=[
                _picture(number, item, ending, offered=offered) for number, item in enumerate(items, 1)
            ],
            allow_download=offered,
            expires_at=share.expires_at,
        )


def _picture(number: int, item: Item, url: UrlOf, *, offered: bool) -> SharedPicture:
    assert item.image_key
    assert item.thumbnail_key
    name = filenames.of_shared(number, keys.extension(item.image_key))
    return SharedPicture(
        number=number,
        url=url(item.image_key),
        thumbnail_url=url(item.thumbnail_key),
        download_url=url(item.image_key, download_name=name) if offered else None,
    )
