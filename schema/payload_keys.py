"""The keys that seal what Temporal keeps: `id:base64,id2:base64`. The first seals, all of them open."""

import binascii
from base64 import b64decode
from typing import Final

KEY_BYTES: Final = (16, 24, 32)
MAX_ID: Final = 64


def parse(text: str) -> dict[str, bytes]:
    """In the order given; raises ValueError, which never says a key."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, key = (word.strip() for word in part.partition(":"))
        if not key or not name or not name.isascii() or not name.isprintable() or len(name) > MAX_ID:
            raise ValueError("write it as id:base64,id2:base64; the first seals, all of them open")
        if name in keys:
            raise ValueError(f"the id {name} is given to two keys")
        keys[name] = _decoded(name, key)
    return keys


def _decoded(name: str, key: str) -> bytes:
    try:
        decoded = b64decode(key, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) not in KEY_BYTES:
        raise ValueError(f"the key {name} is not 32 bytes in base64; make one with: openssl rand -base64 32")
    return decoded
