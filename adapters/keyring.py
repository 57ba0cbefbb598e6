"""Bytes sealed with AES-GCM under named keys: the first key seals, every key still opens its own.

A random nonce of 96 bits is good for some four billion seals under one key; change keys before that.
"""

import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schema.errors import Misconfigured

NONCE_BYTES: Final = 12


class Unreadable(Misconfigured):
    """Sealed with a key that is not here, or changed since; the message says which key and never more."""


class KeyRing:
    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self.sealing = next(iter(keys))

    def seal(self, clear: bytes) -> bytes:
        """With the key `sealing`, whose name is bound to it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys[self.sealing].encrypt(nonce, clear, self.sealing.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        key = self._keys.get(name)
        if key is None:
            raise Unreadable(f"Sealed with the key {name!r}, which PAYLOAD_KEYS does not name here.")
        try:
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable(
                f"The key {name!r} of PAYLOAD_KEYS is not the one it was sealed with."
            ) from error
