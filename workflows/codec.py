"""Payloads sealed on their way to Temporal and opened on their way back, where PAYLOAD_KEYS names keys.

Inputs, results, heartbeats, queries, summaries and failures alike. What was written plain, before there were
keys, stays readable; what is sealed is never taken for something else where a key is missing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    EncodingPayloadConverter,
    PayloadCodec,
)

from adapters.keyring import KeyRing, Unreadable
from schema import payload_keys
from schema.settings import Settings

SEALED: Final = "binary/encrypted"
KEY_ID: Final = "encryption-key-id"


class SealingCodec(PayloadCodec):
    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def key(self) -> str:
        """The name of the one that seals."""
        return self._ring.sealing

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.opened(payload) for payload in payloads]

    def opened(self, payload: Payload) -> Payload:
        if not is_sealed(payload):
            return payload
        return Payload.FromString(self._ring.open(key_of(payload), payload.data))

    def sealed(self, payload: Payload) -> Payload:
        metadata = {"encoding": SEALED.encode(), KEY_ID: self._ring.sealing.encode()}
        return Payload(metadata=metadata, data=self._ring.seal(payload.SerializeToString()))


class _NoKey(EncodingPayloadConverter):
    """Where nothing opens what is sealed, it says so, instead of being of an unknown kind."""

    @property
    def encoding(self) -> str:
        return SEALED

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002 - the SDK's protocol
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 - as above
        raise Unreadable(f"Sealed with the key {key_of(payload)!r}, and PAYLOAD_KEYS is not set here.")


_CONVERTERS: Final = (*PydanticPayloadConverter().converters.values(), _NoKey())


class Converter(CompositePayloadConverter):
    """The SDK makes one for each command and each activity: they share what is learned of types."""

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


PLAIN: Final = replace(pydantic_data_converter, payload_converter_class=Converter)


def codec(settings: Settings) -> SealingCodec | None:
    keys = payload_keys.parse(settings.payload_keys.get_secret_value()) if settings.payload_keys else {}
    return SealingCodec(KeyRing(keys)) if keys else None


def data_converter(settings: Settings) -> DataConverter:
    sealing = codec(settings)
    if sealing is None:
        return PLAIN
    # Messages and stack traces of failures would else lie beside the payloads, unsealed.
    failures = DefaultFailureConverterWithEncodedAttributes
    return replace(PLAIN, payload_codec=sealing, failure_converter_class=failures)


def is_sealed(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == SEALED.encode()


def key_of(payload: Payload) -> str:
    return payload.metadata.get(KEY_ID, b"").decode(errors="replace")
