import ctypes
import subprocess
import sys

import pytest
import typer

from cli import arenas, worker

COUNT = """
import ctypes, sys, threading
from cli import arenas
libc = ctypes.CDLL(None)
if "shared" in sys.argv:
    arenas.share()
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def use():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=use) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def count(*how: str) -> int:
    argv = [sys.executable, "-c", COUNT, *how]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc has arenas")
def test_threads_share_their_arenas() -> None:
    assert count("shared") == arenas.MOST < count()


def test_a_worker_does_so_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    shared: list[bool] = []
    monkeypatch.setattr(arenas, "share", lambda: shared.append(True))
    with pytest.raises(typer.BadParameter):
        worker.work("no-queue")
    assert shared == [True]
