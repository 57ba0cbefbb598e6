"""The one vocabulary of failure.

A class is its code, HTTP status and what the workflow may do about it; nothing ever reads message text.
Messages are written for the user who sees them: they say what to do and show no internals.
"""

from typing import Any, ClassVar


class PoseError(Exception):
    """Base of every failure a user or an operator may see."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, details: Any = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.retry_after_s = retry_after_s
        self.final = False
        """Set when a retryable failure has been tried often enough."""


class ValidationFailed(PoseError):
    code, status = "VALIDATION_ERROR", 400

    @classmethod
    def at(cls, path: str, message: str) -> "ValidationFailed":
        """Wrong in one field of the body."""
        return cls(message, details=[{"path": path, "in": "body", "message": message}])


class InvalidPrompt(PoseError):
    code, status = "INVALID_PROMPT", 400


class Unauthenticated(PoseError):
    code, status = "UNAUTHENTICATED", 401


class InsufficientCredits(PoseError):
    code, status = "INSUFFICIENT_CREDITS", 402


class Forbidden(PoseError):
    code, status = "FORBIDDEN", 403


class NotFound(PoseError):
    """Also what a stranger's id answers: ids of strangers do not exist."""

    code, status = "NOT_FOUND", 404


class MethodNotAllowed(PoseError):
    code, status = "METHOD_NOT_ALLOWED", 405


class RequestTimeout(PoseError):
    """The client was too slow to say what it wants."""

    code, status = "REQUEST_TIMEOUT", 408


class Conflict(PoseError):
    code, status = "CONFLICT", 409


class PayloadTooLarge(PoseError):
    code, status = "PAYLOAD_TOO_LARGE", 413


class UnsupportedMediaType(PoseError):
    code, status = "UNSUPPORTED_MEDIA_TYPE", 415


class IdempotencyMismatch(PoseError):
    code, status = "IDEMPOTENCY_MISMATCH", 422


class QuotaExceeded(PoseError):
    code, status = "QUOTA_EXCEEDED", 429


class RateLimited(PoseError):
    code, status = "RATE_LIMITED", 429


class HeadTooLarge(PoseError):
    code, status = "HEAD_TOO_LARGE", 431


class Unavailable(PoseError):
    code, status, retryable = "UNAVAILABLE", 503, True


class Misconfigured(PoseError, ValueError):
    """The settings cannot work; the message tells the operator which and why."""


class ReceiverBusy(PoseError):
    """So many messages are on their way to this receiver already: this one waits its turn."""

    code, status, retryable = "RECEIVER_BUSY", 503, True


class ItemError(PoseError):
    """Why one picture failed. The item is refunded once nothing more can be tried."""


class ProviderBusy(ItemError):
    """429: wait as told; it does not count against the item."""

    code, retryable = "PROVIDER_BUSY", True


class ProviderUnavailable(ItemError):
    """408, 5xx or a connection that never carried the request."""

    code, retryable = "PROVIDER_UNAVAILABLE", True


class SubmitUnclear(ItemError):
    """The connection broke after the request left: it may be running and paid for, and no handle tells."""

    code, retryable = "PROVIDER_UNAVAILABLE", True


class ProviderTimeout(ItemError):
    """The total deadline of the call passed."""

    code, retryable = "PROVIDER_TIMEOUT", True


class ProviderRejected(ItemError):
    code = "PROVIDER_REJECTED"


class ProviderAccount(ItemError):
    """Wrong key or empty account: every further call would fail too."""

    code = "PROVIDER_ACCOUNT"


class InappropriatePrompt(ItemError):
    code = "INAPPROPRIATE_PROMPT"


class OutputModerated(ItemError):
    """Flagged or all black: another seed may pass."""

    code = "OUTPUT_MODERATED"


class BadImage(ItemError):
    """Not a picture, truncated, of the wrong size or too large."""

    code = "BAD_IMAGE"


class BackgroundMissing(ItemError):
    """The picture that was handed in as a background has been deleted since."""

    code = "BACKGROUND_MISSING"


class PictureUnchecked(ItemError):
    """It was to be looked at before it is delivered, and nobody could: so it is not delivered."""

    code = "PICTURE_UNCHECKED"


class StorageUnavailable(ItemError):
    code, retryable = "STORAGE_UNAVAILABLE", True


class Unexpected(ItemError):
    """A mistake of ours or an answer nobody thought of: bounded tries, then the item is given up."""

    code, retryable = "INTERNAL", True


SENTENCES: dict[str, str] = {
    "PROVIDER_BUSY": "The image service was too busy for too long.",
    "PROVIDER_UNAVAILABLE": "The image service did not answer.",
    "PROVIDER_TIMEOUT": "The image service took too long.",
    "PROVIDER_REJECTED": "The image service refused the request.",
    "PROVIDER_ACCOUNT": "The image service is out of order on our side; nothing is wrong with your request.",
    "INAPPROPRIATE_PROMPT": "The image service refused the prompt as inappropriate. Change the prompt.",
    "OUTPUT_MODERATED": "The picture was withheld by the image service's content filter.",
    "BAD_IMAGE": "The image service returned a broken picture.",
    "BACKGROUND_MISSING": "The background picture is not there any more. Hand it in again.",
    "PICTURE_UNCHECKED": "The picture could not be checked, so it was not delivered.",
    "STORAGE_UNAVAILABLE": "The finished picture could not be stored.",
    "CANCELLED": "Cancelled before this picture was made.",
    "STOPPED": "Stopped on our side before this picture was made.",
    "INTERNAL": "Something went wrong on our side.",
}
"""One sentence for each code an item can end with; what an item shows its user."""
