"""Runs a program that cannot outlive its parent, and as another user where asked.

A program of its own instead of a `preexec_fn`, which may hang in a parent that has threads. It is started
with `python -IS`, so it costs about 15 ms. Everything is imported at the top: the other user may be unable to
read Python's own files.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def command(
    argv: Sequence[str], *, user: str | None = None, death_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """The command line that runs `argv`; whoever executes it must do so from a thread that stays."""
    return [
        *(sys.executable, "-IS", __file__),
        *(str(os.getpid()), str(death_signal.value), user or ""),
        *argv,
    ]


def become(user: str) -> None:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Linux only; elsewhere the next start ends what was left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, death_signal)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)


def main(parent: str, death_signal: str, user: str, *argv: str) -> None:
    if user:
        become(user)
    die_with_parent(int(parent), int(death_signal))  # after the change of user, which clears it
    os.execvp(argv[0], argv)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
