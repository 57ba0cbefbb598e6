"""The export formats we offer, in one table; nothing else knows their sizes or qualities."""

from dataclasses import dataclass
from typing import Final, Literal

from schema.errors import ValidationFailed
from schema.keys import EXTENSIONS

Category = Literal["social_media", "ecommerce", "print", "general"]
Encoding = tuple[int | None, int | None, int | None, str, int, int | None]

GENERATED_PIXELS = 1024 * 1024
BYTES_PER_PIXEL: Final = {
    ("image/jpeg", 85): 0.10, ("image/jpeg", 90): 0.13, ("image/jpeg", 95): 0.2,
    ("image/webp", 82): 0.07, ("image/png", 0): 0.7,
}  # fmt: skip
"""Typical of a generated person before a backdrop; enlarged ones pack better than an original."""
ORIGINAL_BYTES_PER_PIXEL = 1.3


@dataclass(frozen=True)
class ExportFormat:
    name: str
    label: str
    category: Category
    width: int | None = None
    """Width and height are None where they follow from the picture."""
    height: int | None = None
    long_side: int | None = None
    media_type: str = "image/jpeg"
    quality: int = 0
    """Of 100; PNG has none to choose."""
    dpi: int | None = None

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.media_type]

    @property
    def is_original(self) -> bool:
        """The picture's own pixels, untouched."""
        return self.width is None and self.long_side is None

    @property
    def encoding(self) -> Encoding:
        """Formats with the same one are the same file."""
        return self.width, self.height, self.long_side, self.media_type, self.quality, self.dpi

    @property
    def estimated_bytes(self) -> int:
        if self.is_original:
            return round(GENERATED_PIXELS * ORIGINAL_BYTES_PER_PIXEL)
        pixels = self.width * self.height if self.width and self.height else GENERATED_PIXELS
        return round(pixels * BYTES_PER_PIXEL[self.media_type, self.quality])


def _social(name: str, label: str, width: int, height: int, quality: int = 85) -> ExportFormat:
    return ExportFormat(name, label, "social_media", width, height, quality=quality)


def _shop(name: str, label: str, side: int) -> ExportFormat:
    return ExportFormat(name, label, "ecommerce", side, side, quality=95)


def _print(name: str, label: str, width: int, height: int) -> ExportFormat:
    return ExportFormat(name, label, "print", width, height, media_type="image/png", dpi=300)


FORMATS: Final = {
    format_.name: format_
    for format_ in (
        _social("instagram_story", "Instagram Story", 1080, 1920, 90),
        _social("instagram_reel", "Instagram Reel", 1080, 1920, 90),
        _social("tiktok", "TikTok", 1080, 1920, 90),
        _social("whatsapp_status", "WhatsApp Status", 1080, 1920, 90),
        _social("instagram_feed", "Instagram Feed", 1080, 1080),
        _social("instagram_portrait", "Instagram Portrait", 1080, 1350),
        _social("facebook_post", "Facebook Post", 1200, 630),
        _social("twitter_post", "Twitter Post", 1200, 675),
        _social("linkedin_post", "LinkedIn Post", 1200, 627),
        _social("pinterest_pin", "Pinterest Pin", 1000, 1500),
        _shop("shopee_product", "Shopee Product", 1000),
        _shop("tokopedia_product", "Tokopedia Product", 1200),
        _shop("lazada_product", "Lazada Product", 1000),
        _print("print_a4", "Print A4", 2480, 3508),
        _print("print_4x6", "Print 4x6 in", 1800, 1200),
        _print("print_letter", "Print Letter", 2550, 3300),
        _print("print_tabloid", "Print Tabloid", 3300, 5100),
        ExportFormat("original", "Original", "general", media_type="image/png"),
        ExportFormat("web", "Web", "general", long_side=1024, media_type="image/webp", quality=82),
    )
}

ALIASES: Final = {
    "instagram_post": "instagram_feed",
    "shopee": "shopee_product",
    "tokopedia": "tokopedia_product",
    "lazada": "lazada_product",
    "print_standard": "print_letter",
    "print_large": "print_tabloid",
}

USE_CASES: Final[dict[str, tuple[str, ...]]] = {
    "social_media": ("instagram_feed", "instagram_story", "tiktok", "facebook_post"),
    "ecommerce": ("shopee_product", "tokopedia_product", "lazada_product", "web"),
    "print": ("print_a4", "print_4x6"),
    "all_social": tuple(name for name, format_ in FORMATS.items() if format_.category == "social_media"),
}


def resolve(name: str) -> ExportFormat:
    """A format by its name or alias."""
    found = FORMATS.get(ALIASES.get(name, name))
    if found is None:
        known = ", ".join(FORMATS)
        raise ValidationFailed(f'Unknown export format "{name[:50]}". Known formats: {known}.')
    return found
