"""What ComfyUI says of a graph it refused or could not finish, as one of our errors.

Read are statuses, event names and the types of exceptions, never message text.
"""

from typing import Any, Final

from adapters.http import Reply
from adapters.providers.refusal import MAX_QUOTE, error_of, kind_of
from schema.errors import SENTENCES, ItemError, ProviderRejected, ProviderUnavailable

HOPELESS: Final = frozenset(
    {
        "AssertionError", "AttributeError", "FileNotFoundError", "ImportError", "IndexError",
        "KeyError", "ModuleNotFoundError", "NameError", "NotImplementedError", "SafetensorError",
        "TypeError", "ValueError",
    }
)  # fmt: skip
"""Mistakes of a graph or an installation: the same graph fails again. Memory and the GPU may recover."""


def refused(reply: Reply, secret: str = "") -> ItemError:
    """With what is wrong with each node, for the operator."""
    nodes = (reply.parsed or {}).get("node_errors")
    more = {"nodes": dict(map(_node, nodes.items()))} if isinstance(nodes, dict) and nodes else {}
    return error_of(kind_of(reply), reply, secret, **more)


def failed(entry: dict[str, Any]) -> ItemError:
    """From the history of a graph that ended badly."""
    event, data = _last_words(entry)
    name = str(data.get("exception_type", "")).rpartition(".")[2]
    kind = ProviderRejected if event == "execution_error" and name in HOPELESS else ProviderUnavailable
    details = {
        "event": event,
        "node": data.get("node_type"),
        "exception": data.get("exception_type"),
        "text": str(data.get("exception_message", ""))[:MAX_QUOTE],
    }
    return kind(SENTENCES[kind.code], details=details)


def _last_words(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The last event that tells of an end; messages are pairs of name and data."""
    status = entry.get("status")
    messages = status.get("messages") if isinstance(status, dict) else None
    for message in reversed(messages if isinstance(messages, list) else []):
        match message:
            case [("execution_error" | "execution_interrupted") as event, dict(data)]:
                return event, data
    return "none", {}


def _node(item: tuple[str, Any]) -> tuple[str, str]:
    node_id, told = item
    told = told if isinstance(told, dict) else {}
    errors = [error for error in told.get("errors", []) if isinstance(error, dict)]
    said = "; ".join(f"{error.get('message')}: {error.get('details')}" for error in errors)
    return f"{node_id} ({told.get('class_type')})", said[:MAX_QUOTE]
