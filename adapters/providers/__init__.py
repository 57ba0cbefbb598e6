"""Image providers behind one protocol: submit, wait, cancel.

`submit` costs money and is never repeated lightly. It is answered with a handle, which is enough for any
other process to wait for the same picture, or, by a provider that blocks, with the picture itself.
Failures are the ItemErrors of schema.errors.
"""

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import BaseModel


@dataclass(frozen=True)
class Capabilities:
    pose_map: bool
    negative_prompt: bool
    cancel: bool
    resumable: bool
    """A submit answers with a handle at once; otherwise it blocks and answers with the picture."""
    reference_image: bool = False


@dataclass(frozen=True)
class PictureRequest:
    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int
    pose_map: bytes | None
    """The OpenPose map as PNG, where the provider can be guided by one."""
    key: str = field(kw_only=True)
    """The same for every try to make this one picture: where a provider knows it, nothing is begun twice."""
    reference: bytes | None = None
    """Who is to be in the picture: a JPEG of the avatar, where the provider can look at one."""


@dataclass(frozen=True)
class ShownPicture:
    """What is asked about: where in it the figure is, or whether it may be shown."""

    data: bytes
    media_type: str


class Handle(BaseModel, frozen=True):
    """A running provider request; crosses Temporal in heartbeats, so plain strings only."""

    request_id: str
    provider: str = "fal"
    """Whose it is: nobody else can wait for it. Handles of before there was a choice do not say."""
    status_url: str = ""
    response_url: str = ""
    cancel_url: str = ""
    """Where the provider said to ask, if the id alone does not tell."""
    begun_at: float | None = None
    """In seconds since 1970; unknown of runs that were found, and in handles of before this was kept."""


@dataclass(frozen=True)
class Picture:
    data: bytes
    content_type: str
    seed: int | None
    """As the provider echoes it; not all do, and what counts is the seed that was sent."""


Request_contra = TypeVar("Request_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class PaidService(Protocol[Request_contra, Answer_co]):
    name: str
    model: str
    capabilities: Capabilities

    async def submit(self, request: Request_contra) -> Handle | Answer_co: ...

    async def wait(self, handle: Handle) -> Answer_co:
        """Until the answer is there; the caller bounds the time. Downloads at once: result URLs expire."""
        ...

    async def cancel(self, handle: Handle) -> None:
        """Best effort; never raises for a request that is already over."""
        ...

    async def close(self) -> None: ...


class FluxProvider(PaidService[PictureRequest, Picture], Protocol):
    async def check(self) -> str:
        """What answers, in words for an operator, by calls that cost nothing; raises ItemError."""
        ...


MatteProvider = PaidService[ShownPicture, Picture]
"""Answers with a picture that shows the figure alone, and nothing where it is not."""
CheckProvider = PaidService[ShownPicture, float]
"""Answers how probably the picture should not be shown to anybody."""
