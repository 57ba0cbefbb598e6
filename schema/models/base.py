"""Shapes that all requests and answers share."""

import re
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from schema import ids, keys


class ApiModel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class UrlOf(Protocol):
    """Makes the URL of a stored object; what Storage.url does."""

    def __call__(self, key: str, *, download_name: str | None = None) -> str: ...


def optional_url(url: UrlOf, key: str | None) -> str | None:
    return url(key) if key else None


def upload_url(url: UrlOf, user_id: str, upload_id: str | None) -> str | None:
    return url(keys.upload(user_id, upload_id)) if upload_id else None


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor half a surrogate pair, and nobody means one."""
    if re.search("[\0\ud800-\udfff]", text):
        raise ValueError("must be valid text without NUL characters")
    return text.strip()


def _https(text: str) -> str:
    """Only the shape: where the host may lead is checked when it is resolved."""
    url = urlsplit(text)
    local = url.hostname in ("127.0.0.1", "localhost", "::1")
    if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and local)):
        raise ValueError("must be an https URL")
    return text


def _number(given: object) -> object:
    """JSON has words and truth beside numbers, and a client that mixes them up means something else."""
    if isinstance(given, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic's word for what is not valid
    return given


Flag = Annotated[bool, Field(strict=True)]
NUMBER = BeforeValidator(_number)
"""Of a request's body, as the document says. Numbers have it last: else it hides their limits."""

Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Paragraph = Annotated[Text, Field(max_length=2000)]
Reference = Annotated[Text, Field(min_length=1, max_length=64)]
"""An id in a body; whether it exists is a question for the database."""
Link = Annotated[Text, Field(max_length=2048), AfterValidator(_https)]


def _picture(text: str) -> str:
    return text if ids.is_file_id(text) else _https(text)


PictureSource = Annotated[
    Text,
    Field(
        max_length=2048,
        description="An upload's id, or an https URL: that is fetched at once and kept as an upload.",
        examples=["https://shop.example/model.jpg", "file_01jd3k7v9m2q4x6y8z0a1b2c3d"],
    ),
    AfterValidator(_picture),
]


class Pagination(ApiModel):
    page: int
    limit: int
    total: int
    total_pages: int

    @classmethod
    def of(cls, page: int, limit: int, total: int) -> "Pagination":
        return cls(page=page, limit=limit, total=total, total_pages=-(-total // limit))


class ErrorBody(ApiModel):
    message: str
    code: str
    status_code: int
    details: object | None = None


class ErrorAnswer(ApiModel):
    """The one shape of every error."""

    error: ErrorBody
