"""One `posegen up` per data folder, and nothing left over of one that was killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.up import process
from cli.up.stack import Stack
from schema.errors import Conflict


@contextmanager
def claim(data_dir: Path) -> Iterator[Stack]:
    """A new stack in `data_dir`, which is ours alone until the end; the system frees it if we are killed."""
    with _locked(data_dir):
        before = Stack.last(data_dir)
        if before is not None:
            process.end(before.processes)
        stack = Stack(data_dir=data_dir, supervisor=process.mark("posegen up", os.getpid()))
        stack.save()
        try:
            yield stack
        finally:
            stack.forget()


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "lock").open("a+")
    except PermissionError as error:
        raise Conflict(
            f"{error.filename} belongs to another user. Choose another folder with --data."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"posegen up runs on {data_dir} already. Stop it, or choose another folder with --data."
            ) from None
        yield
