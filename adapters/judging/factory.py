"""The check that the settings ask for. What cannot work is told at the start."""

from adapters.judging import Judge
from adapters.judging.model import Classifier
from adapters.providers import CheckProvider
from adapters.providers.fal import FalCheck
from schema.errors import Misconfigured
from schema.kinds import PictureCheck
from schema.settings import Settings


def open_judge(settings: Settings) -> Judge | None:
    """On this machine. Raise Misconfigured when the settings cannot work."""
    if settings.picture_check is not PictureCheck.MODEL:
        return None
    if settings.picture_check_model is None:
        raise Misconfigured(
            "PICTURE_CHECK=model also needs PICTURE_CHECK_MODEL, the path of a classifier as ONNX"
        )
    return Classifier(
        settings.picture_check_model, settings.picture_check_classes, settings.picture_check_scale
    )


def open_check(settings: Settings) -> CheckProvider | None:
    """At the provider. Raise Misconfigured as above."""
    if settings.picture_check is not PictureCheck.PROVIDER:
        return None
    if settings.flux_provider != "fal":
        raise Misconfigured("PICTURE_CHECK=provider needs FLUX_PROVIDER=fal; the others judge no pictures")
    return FalCheck(settings)
