"""A checkup that costs nothing: is the key good, and does the service behind the route have the model?"""

from typing import Any

from adapters.http import Reply
from adapters.providers.refusal import refused
from adapters.providers.wire import Wire
from schema.errors import ProviderRejected


async def check(wire: Wire, hub_url: str, key: str, model: str, service: str) -> str:
    hub = hub_url.rstrip("/")
    who = await wire.look(f"{hub}/api/whoami-v2")
    if not who.ok:
        raise refused(who, key)
    listed = await wire.look(f"{hub}/api/models/{model}", params={"expand": "inferenceProviderMapping"})
    if not listed.ok:
        raise refused(listed, key)
    entry = _entry(listed, service)
    if entry is None:
        raise ProviderRejected(f"{service} does not serve {model} at Hugging Face.")
    user = (who.parsed or {}).get("name")
    return (
        f"the key is {user}'s; {service} serves {model} as {entry.get('providerId')}, {entry.get('status')}"
    )


def _entry(listed: Reply, service: str) -> dict[str, Any] | None:
    """The API answers with a dict for one model and with a list where it lists many."""
    mapping = (listed.parsed or {}).get("inferenceProviderMapping")
    if isinstance(mapping, dict):
        mapping = [{"provider": name, **entry} for name, entry in mapping.items()]
    return next((entry for entry in mapping or [] if entry.get("provider") == service), None)
