"""The events of a stream, with the names and fields that clients know. `data` always carries its `type`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schema import ids, keys
from schema.errors import SENTENCES
from schema.kinds import GenerationStatus
from schema.messages.fates import ItemOutcome, Progress
from schema.models.base import UrlOf

ENDINGS = {
    GenerationStatus.COMPLETED: "completed",
    GenerationStatus.PARTIAL: "completed",
    GenerationStatus.FAILED: "failed",
    GenerationStatus.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Event:
    id: int
    type: str
    generation_id: str
    fields: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        return {"type": self.type, "generationId": self.generation_id, **self.fields}


def snapshot(version: int, state: Progress, items: Iterable[ItemOutcome], url: UrlOf) -> Event:
    fields = {
        "status": state.status,
        **_counts(state),
        "creditCharged": state.credits_charged,
        "creditRefunded": state.credits_refunded,
        "errorCode": state.error_code,
        "stale": state.stale,
        "items": [_item(state.generation_id, item, url) for item in items],
    }
    return Event(version, "snapshot", state.generation_id, fields)


def started(version: int, state: Progress) -> Event:
    fields = {
        "total": state.total,
        "creditCharged": state.credits_charged,
        "estimatedTimeRemaining": state.eta_s,
    }
    return Event(version, "started", state.generation_id, fields)


def item(version: int, generation_id: str, outcome: ItemOutcome, url: UrlOf) -> Event:
    return Event(version, "item", generation_id, _item(generation_id, outcome, url))


def progress(version: int, state: Progress) -> Event:
    return Event(version, "progress", state.generation_id, _counts(state))


def ended(version: int, state: Progress) -> Event:
    fields = {
        "status": state.status,
        "completed": state.completed,
        "failed": state.failed,
        "total": state.total,
        "creditRefunded": state.credits_refunded,
    }
    if state.status is GenerationStatus.FAILED:
        code = state.error_code or "INTERNAL"
        fields |= {"errorCode": code, "error": SENTENCES.get(code, SENTENCES["INTERNAL"])}
    return Event(version, ENDINGS[state.status], state.generation_id, fields)


def _counts(state: Progress) -> dict[str, Any]:
    return {
        "percentage": state.percentage,
        "completed": state.completed,
        "failed": state.failed,
        "total": state.total,
        "estimatedTimeRemaining": state.eta_s,
        "currentStatus": state.status,
    }


def _item(generation_id: str, outcome: ItemOutcome, url: UrlOf) -> dict[str, Any]:
    item_id = ids.item_id(generation_id, outcome.index)
    picture = outcome.image_key
    small = outcome.thumbnail_key or keys.thumbnail(generation_id, item_id)
    return {
        "id": item_id,
        "index": outcome.index,
        "poseId": outcome.pose_id,
        "status": outcome.status,
        "thumbnailUrl": url(small) if picture else None,
        "outputImageUrl": url(picture) if picture else None,
        "attempt": outcome.attempt,
        "errorCode": outcome.error_code,
        "error": SENTENCES.get(outcome.error_code) if outcome.error_code else None,
    }
