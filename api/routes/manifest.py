"""The app's card. Every number comes from where it counts, so none can be wrong here."""

from typing import Final

from fastapi import APIRouter, Request

from adapters.intake import MAX_BYTES
from adapters.providers.factory import capabilities
from api.dependencies import CurrentUser, Parts
from api.middleware import BODY_LIMIT_BYTES
from api.openapi import failures
from api.routes import documentation
from imaging.formats import FORMATS
from schema import prices, prompts
from schema.kinds import BackgroundMode, GenerationType
from schema.models.manifest import ManifestAnswer, ManifestFeatures, ManifestLimits, ManifestPrices
from schema.models.shares import MAX_HOURS
from schema.settings import APP_ID, Settings

router = APIRouter(tags=["operations"])
DESCRIPTION: Final = (
    "Pictures of your avatar in the poses you choose, ready for social media, shops and print."
)


@router.get(
    "/manifest", operation_id="getManifest", summary="The app's card for the host", responses=failures()
)
async def manifest(request: Request, parts: Parts, _caller: CurrentUser) -> ManifestAnswer:
    """What the app is and where, its prices and limits, and what this deployment can do."""
    app, base = request.app, parts.settings.public_base_url.rstrip("/")
    return ManifestAnswer(
        id=APP_ID,
        name=app.title,
        version=app.version,
        description=DESCRIPTION,
        icon_url=f"{base}/studio/icon.svg",
        dashboard_url=f"{base}/",
        api_url=parts.settings.api_url,
        docs_url=base + documentation.PATH,
        openapi_url=base + app.openapi_url,
        prices=ManifestPrices(
            picture=prices.item_price(background=False), background=prices.BACKGROUND_PRICE_CREDITS
        ),
        limits=_limits(parts.settings),
        features=_features(parts.settings),
    )


def _limits(settings: Settings) -> ManifestLimits:
    return ManifestLimits(
        pictures=prices.MAX_ITEMS,
        poses=prices.MAX_POSES,
        variations_gallery=prices.MAX_VARIATIONS_GALLERY,
        variations_text=prices.MAX_VARIATIONS_TEXT,
        default_variations=prices.DEFAULT_VARIATIONS,
        formats=prices.MAX_FORMATS,
        pictures_per_minute=settings.rate_limit_items_per_minute,
        prompt_characters=prompts.MAX_LENGTH,
        body_bytes=BODY_LIMIT_BYTES,
        upload_bytes=MAX_BYTES,
        share_hours=MAX_HOURS,
        zip_downloads_per_user=settings.zip_downloads_per_user,
    )


def _features(settings: Settings) -> ManifestFeatures:
    provider = capabilities(settings)
    return ManifestFeatures(
        provider=settings.flux_provider,
        pose_guidance=provider.pose_map,
        reference_image=provider.reference_image,
        generation_types=list(GenerationType),
        background_modes=list(BackgroundMode),
        formats=list(FORMATS),
        picture_width=settings.flux_width,
        picture_height=settings.flux_height,
    )
