"""Ends the process that ran the tests without letting the interpreter tear itself down.

A process that used a Temporal client may crash while it exits (temporalio/sdk-python#300), and the exit
status of the run would lie. So once everything is reported, it leaves by `os._exit`.
"""

import os
import sys

import pytest


class LastExit:
    def __init__(self) -> None:
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """After all other plugins have ended, the cleaning up of pytest itself is all that is left."""
        if self._session is None:
            return
        config.get_terminal_writer().flush()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(self._session.exitstatus))
