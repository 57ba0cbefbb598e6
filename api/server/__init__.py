"""How we listen: uvicorn, with an end to its patience."""

from typing import Any, Final

from api.server.connection import Connection

OPTIONS: Final[dict[str, Any]] = {
    "http": Connection,
    "ws": "none",
    "log_config": None,  # its lines come as ours do
    "access_log": False,  # api.access_log says it without addresses
    "proxy_headers": False,  # who may speak for others says TRUSTED_PROXIES
}
"""Of uvicorn, wherever we serve."""
