"""What sealing a payload costs its process: CPU to seal and to open it, and the bytes it grows by."""

import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import SecretStr
from temporalio.api.common.v1 import Payload

from schema.settings import Settings
from workflows.codec import codec

SIZES, ROUNDS = (200, 2_000, 20_000), 5_000


def main() -> None:
    keys = SecretStr("k1:" + b64encode(os.urandom(32)).decode())
    sealing = codec(Settings(payload_keys=keys))
    assert sealing
    for size in SIZES:
        plain = Payload(metadata={"encoding": b"json/plain"}, data=os.urandom(size))
        sealed = sealing.sealed(plain)
        seal_us = _cpu_us(sealing.sealed, [plain] * ROUNDS)
        open_us = _cpu_us(sealing.opened, [sealed] * ROUNDS)
        grown = sealed.ByteSize() - plain.ByteSize()
        print(f"{size:6} bytes: sealed in {seal_us:.0f} µs, opened in {open_us:.0f} µs, {grown} bytes larger")


def _cpu_us(work: Callable[[Payload], Any], payloads: Iterable[Payload]) -> float:
    started = time.process_time()
    for payload in payloads:
        work(payload)
    return 1e6 * (time.process_time() - started) / ROUNDS
