"""Who makes the pictures of a stack: the provider that the settings name, else the simulator in its form.

A key alone chooses nothing: whoever has one in the environment for something else is not billed by surprise.
"""

import asyncio
import json
from typing import Final

from cli import looks
from cli.up import ports
from schema.settings import Settings

REACHED_BY: Final = {
    "fal": {"fal_key", "fal_queue_url"},
    "huggingface": {"huggingface_api_key", "huggingface_url"},
    "comfyui": {"comfyui_url"},
}
"""One of these set as well, and the provider can be asked."""
AT_ONE_GPU: Final = 2
LOOK_S: Final = 5.0


def real(settings: Settings) -> bool:
    named = settings.model_fields_set
    return "flux_provider" in named and not named.isdisjoint(REACHED_BY[settings.flux_provider])


def simulated(provider: str, url: str) -> dict[str, str]:
    """The settings with which our own client speaks that provider's protocol to the simulator at `url`."""
    hosts = {"FAL_ALLOWED_HOSTS": json.dumps([ports.HOST])}
    forms = {
        "fal": {"FAL_QUEUE_URL": url, "FAL_KEY": "simulator", **hosts},
        "huggingface": {
            "HUGGINGFACE_URL": f"{url}/huggingface",
            "HUGGINGFACE_HUB_URL": f"{url}/huggingface",
            "HUGGINGFACE_API_KEY": "simulator",
            **hosts,
        },
        "comfyui": {"COMFYUI_URL": f"{url}/comfyui", "COMFYUI_API_KEY": "simulator"},
    }
    return {"FLUX_PROVIDER": provider, **forms[provider]}


def own(settings: Settings) -> dict[str, str]:
    """What a stack with the real provider adds to the settings; its key stays where it is."""
    one_gpu = settings.flux_provider == "comfyui" and "flux_concurrency" not in settings.model_fields_set
    return {"FLUX_PROVIDER": settings.flux_provider} | (
        {"FLUX_CONCURRENCY": str(AT_ONE_GPU)} if one_gpu else {}
    )


async def told(settings: Settings, *, simulator: bool) -> str:
    """A line for whoever starts the stack. A provider that is away now may be there later; one that is
    configured wrongly never, and is the error of the start.
    """
    name = settings.flux_provider
    await looks.require(settings, simulated=simulator)
    if simulator:
        return f"from the simulator, which speaks as {name}. For real ones see docs/providers.md"
    from adapters.providers.factory import open_provider  # noqa: PLC0415 - slow, and servers are to start
    from adapters.providers.refusal import for_operator  # noqa: PLC0415 - as above
    from schema.errors import ItemError  # noqa: PLC0415 - as above

    provider = open_provider(settings)
    try:
        async with asyncio.timeout(LOOK_S):
            return f"from {name}: {await provider.check()}"
    except ItemError as error:
        why = for_operator(error)
    except TimeoutError:
        why = f"no answer within {LOOK_S:.0f} s."
    finally:
        await provider.close()
    return f"from {name}, WHICH DOES NOT WORK NOW: {why} See: posegen doctor"
