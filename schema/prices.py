"""What pictures cost and how many one generation may have. The server sets it; no client states a price."""

ITEM_PRICE_CREDITS = 30
BACKGROUND_PRICE_CREDITS = 10
"""On top, for an item whose background is changed."""

MAX_ITEMS = 500
MAX_POSES = 200
MAX_VARIATIONS_GALLERY = 10
MAX_VARIATIONS_TEXT = 20
DEFAULT_VARIATIONS = 4
MAX_FORMATS = 10
MAX_SEED = 2**31 - 1


def item_price(*, background: bool) -> int:
    return ITEM_PRICE_CREDITS + (BACKGROUND_PRICE_CREDITS if background else 0)
