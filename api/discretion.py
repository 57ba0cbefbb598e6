"""What no log may tell: the secret part of a link, which is all that anybody needs to open it."""

import logging
import re

ACCESS_LOG = "uvicorn.access"
SECRET = re.compile(r"(?P<said>/shared/|[?&](?:ticket|sig)=)[^/?&\s]+")


def discreet(address: str) -> str:
    return SECRET.sub(r"\g<said>…", address)


class Discretion(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(discreet(value) if isinstance(value, str) else value for value in record.args)
        return True


def install() -> None:
    """Once, however many apps a process makes."""
    log = logging.getLogger(ACCESS_LOG)
    if not any(isinstance(known, Discretion) for known in log.filters):
        log.addFilter(Discretion())
