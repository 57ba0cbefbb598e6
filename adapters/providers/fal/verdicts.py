"""What an answer of the queue decides.

A verdict returns a value when the question is settled, raises when the job is lost or refused, and returns
None when it has to be asked again: trouble on the way is no news about a job that is already paid for.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from adapters.http import Reply
from adapters.providers.fal.failures import error_types, failure, from_the_job
from adapters.providers.pictures import PictureLink
from adapters.providers.refusal import ACCOUNT, SERVER_TROUBLE, TRY_AGAIN
from schema.errors import SENTENCES, BadImage, ItemError, OutputModerated, SubmitUnclear

LOST_AFTER_ASKS = 30
"""About seven seconds of 404: a queue may need a moment until every part of it knows a new request."""

GONE, MISSING = 410, 404

T = TypeVar("T")
Read = Callable[[dict[str, Any]], T | None]
"""What a model's answer holds; None when that is not in it."""


class StatusVerdict:
    """Settled by COMPLETED, which says nothing of success. Every other status, known or not, is pending."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._missing = 0

    def __call__(self, reply: Reply) -> Reply | None:
        self._missing = self._missing + 1 if reply.status == MISSING else 0
        if reply.status == GONE or self._missing >= LOST_AFTER_ASKS:
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=failure(reply, self._secret).details)
        if reply.ok:
            return reply if (reply.parsed or {}).get("status") == "COMPLETED" else None
        if reply.status in ACCOUNT or (_definite(reply) and reply.status != MISSING):
            raise failure(reply, self._secret)
        return None


class ResultVerdict(Generic[T]):
    """Settled by the answer. The model's error status comes as the status of this very reply."""

    def __init__(self, completed: Reply, secret: str, read: Read[T]) -> None:
        self._completed = completed
        self._read = read
        self._failed = bool(_said(completed, "error") or _said(completed, "error_type"))
        self._secret = secret

    def __call__(self, reply: Reply) -> T | None:
        if reply.ok:
            return self._answer(reply)
        outcome = reply.status < SERVER_TROUBLE or self._failed or from_the_job(reply)
        if outcome and reply.status not in TRY_AGAIN:
            raise self._failure(reply)
        return None

    def _answer(self, reply: Reply) -> T | None:
        if reply.parsed is None:
            return None
        answer = self._read(reply.parsed)
        if answer is None:
            raise self._failure(reply) if self._failed else _broken(reply, self._secret)
        return answer

    def _failure(self, reply: Reply) -> ItemError:
        """The status may have named the cause where the result only has a code."""
        return failure(reply, self._secret, error_types(self._completed))


def picture_link(result: dict[str, Any]) -> PictureLink | None:
    flags = result.get("has_nsfw_concepts")
    if isinstance(flags, list) and flags[:1] == [True]:
        raise OutputModerated(SENTENCES[OutputModerated.code], details={"has_nsfw_concepts": flags[:1]})
    image = _first_image(result)
    url, content_type, seed = image.get("url"), image.get("content_type"), result.get("seed")
    if not isinstance(url, str) or not url:
        return None
    return PictureLink(
        url=url,
        content_type=content_type if isinstance(content_type, str) else "application/octet-stream",
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
    )


def _first_image(result: dict[str, Any]) -> dict[str, Any]:
    """Models that make pictures answer with a list, those that change one with that one."""
    images = result.get("images")
    image = images[0] if isinstance(images, list) and images else result.get("image")
    return image if isinstance(image, dict) else {}


def picture_of(reply: Reply, secret: str) -> PictureLink:
    """Of a result that came without a queue."""
    link = picture_link(reply.parsed or {})
    if link is None:
        raise _broken(reply, secret)
    return link


def _broken(reply: Reply, secret: str) -> BadImage:
    return BadImage(SENTENCES[BadImage.code], details=failure(reply, secret).details)


def cancel_verdict(reply: Reply) -> str | None:
    """The body tells; its words differ for a job that is queued, running, finished or unknown."""
    status = _said(reply, "status")
    if isinstance(status, str) and status:
        return status
    return f"HTTP {reply.status}" if _definite(reply) or reply.ok else None


def _definite(reply: Reply) -> bool:
    """A redirect counts too: it is never followed, and asking again would redirect again."""
    return reply.status < SERVER_TROUBLE and not reply.ok and reply.status not in TRY_AGAIN


def _said(reply: Reply, field: str) -> Any:
    return (reply.parsed or {}).get(field)
