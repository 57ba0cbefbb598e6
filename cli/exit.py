"""The one door out of `posegen`: every command ends here with a code that means something.

A process that used a Temporal client may crash while the interpreter takes itself down
(temporalio/sdk-python#300), after the work is done and with a code that says otherwise. So nothing is
taken down: output is flushed and the process ends at once.
"""

import enum
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from pydantic import ValidationError

from schema.errors import PoseError


class Exit(enum.IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    NOT_REACHABLE = 3
    REFUSED = 4
    AUDIT_FOUND = 5
    INTERRUPTED = 130


BY_STATUS = {
    400: Exit.USAGE,
    401: Exit.REFUSED,
    402: Exit.REFUSED,
    403: Exit.REFUSED,
    422: Exit.USAGE,
    429: Exit.REFUSED,
    503: Exit.NOT_REACHABLE,
}

# What the clients of our servers raise when nobody answers; looked up only where a command has loaded them.
UNREACHABLE = {
    "psycopg": "OperationalError",
    "sqlalchemy.exc": "OperationalError",
    "httpx": "TransportError",
    "temporalio.service": "RPCError",
}


def run(command: Callable[[], object]) -> NoReturn:
    end(code_of(command))


def code_of(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as leaving:
        return _number(leaving.code)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return explain(error)
    return Exit.OK


def explain(error: Exception) -> Exit:
    """Say on stderr, in a line where the reason is known, why a command failed."""
    if isinstance(error, PoseError):
        _say(error.message)
        return BY_STATUS.get(error.status, Exit.FAILURE)
    if isinstance(error, ValidationError):
        for problem in error.errors(include_input=False, include_url=False):  # inputs may be secrets
            _say(f"{'.'.join(map(str, problem['loc'])).upper()} {problem['msg']}".strip())
        return Exit.USAGE
    if _is_unreachable(error):
        _say(f"A server does not answer: {error}")
        return Exit.NOT_REACHABLE
    traceback.print_exception(error)
    return Exit.FAILURE


def end(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader has gone
            code = code or Exit.FAILURE
    os._exit(code)


def _number(code: object) -> int:
    if code is None:
        return Exit.OK
    if isinstance(code, int):
        return code
    _say(str(code))
    return Exit.FAILURE


def _is_unreachable(error: Exception) -> bool:
    kinds = [
        getattr(sys.modules[module], name) for module, name in UNREACHABLE.items() if module in sys.modules
    ]
    return isinstance(error, (ConnectionError, TimeoutError, *kinds))


def _say(message: str) -> None:
    print(f"posegen: {message}", file=sys.stderr)
