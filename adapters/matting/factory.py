"""The way of cutting figures out that the settings ask for. What cannot work is told at the start."""

from adapters.matting.model import U2Net
from adapters.providers import MatteProvider
from adapters.providers.fal import FalMatting
from adapters.providers.hosts import Hosts
from imaging.backgrounds import Cutter
from imaging.matting.cut import cut_out
from schema.errors import Misconfigured
from schema.settings import Settings


def open_cutter(settings: Settings) -> Cutter:
    """On this machine. Raise Misconfigured when the settings cannot work."""
    path = settings.matting_model
    if settings.matting == "model" and path is None:
        raise Misconfigured("MATTING=model also needs MATTING_MODEL, the path of a U2-Net as ONNX")
    return U2Net(path) if path and settings.matting in ("auto", "model") else cut_out


def by_provider(settings: Settings) -> bool:
    """Whether each figure is a paid call. Raise Misconfigured as above."""
    can = settings.flux_provider == "fal"
    if settings.matting == "provider" and not can:
        raise Misconfigured("MATTING=provider needs FLUX_PROVIDER=fal; the others cut no figures out")
    if settings.matting == "auto":
        return can and settings.matting_model is None and not _is_simulated(settings)
    return settings.matting == "provider"


def open_matting(settings: Settings) -> MatteProvider | None:
    """None where figures are cut out on this machine."""
    return FalMatting(settings) if by_provider(settings) else None


def _is_simulated(settings: Settings) -> bool:
    return Hosts(settings.fal_queue_url, "FAL_QUEUE_URL").local
