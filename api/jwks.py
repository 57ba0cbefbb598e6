"""The public keys of the token issuer: fetched without blocking, kept, and looked up again for a new one."""

import asyncio
import time
from typing import Final

import httpx
import jwt

from adapters.http import authorities
from schema.errors import Unauthenticated, Unavailable

MAX_AGE_S: Final = 600.0
"""After this a withdrawn key is noticed."""
MIN_SPACING_S: Final = 15.0
"""Tokens with invented key ids must not make us hammer the issuer."""
FETCH_TIMEOUT_S: Final = 5.0


class KeySet:
    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_s = self._tried_s = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK:
        """Old keys serve on while the issuer is away."""
        if key_id not in self._keys or time.monotonic() - self._fetched_s > MAX_AGE_S:
            async with self._lock:
                await self._refresh()
        if key_id in self._keys:
            return self._keys[key_id]
        if not self._keys:
            raise Unavailable("The token issuer cannot be reached. Try again.", retry_after_s=MIN_SPACING_S)
        raise Unauthenticated("The token is signed with an unknown key.")

    async def _refresh(self) -> None:
        now_s = time.monotonic()
        if now_s - self._tried_s < MIN_SPACING_S:
            return
        self._tried_s = now_s
        try:
            async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, verify=authorities()) as client:
                answer = await client.get(self._url)
            answer.raise_for_status()
            found = jwt.PyJWKSet.from_dict(answer.json())
        except (httpx.HTTPError, ValueError, jwt.PyJWTError):
            return
        self._keys = {key.key_id or "": key for key in found.keys}
        self._fetched_s = now_s
