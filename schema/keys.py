"""Where objects live in storage. Keys are made here by the server, never taken from a client."""

import hashlib

from schema.pose import Keypoints, digest

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
MANNEQUIN = "mannequin-1"
_OF_FOLDER = frozenset({"generated", "thumbnails", "exports", "staging"})
_OF_FILE = frozenset({"backdrops", "mattes", "uploads"})
CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}


def picture(generation_id: str, item_id: str, extension: str = "png") -> str:
    return f"generated/{generation_id}/{item_id}.{extension}"


def original(generation_id: str, item_id: str, extension: str) -> str:
    """The picture as it was before its background was changed."""
    return f"generated/{generation_id}/{item_id}-original.{extension}"


def changed(generation_id: str, item_id: str, change_id: str) -> tuple[str, str]:
    """Picture and thumbnail after a later change of the background: never at an address seen before."""
    name = f"{item_id}-{change_id}"
    return picture(generation_id, name), thumbnail(generation_id, name)


def backdrop(subject_id: str, extension: str) -> str:
    """A background made by the provider, for a generation or for the later change of one item."""
    return f"backdrops/{subject_id}.{extension}"


def thumbnail(generation_id: str, item_id: str) -> str:
    return f"thumbnails/{generation_id}/{item_id}.jpg"


def export(generation_id: str, item_id: str, format_name: str, sha256: str, extension: str) -> str:
    """The hash of the file is part of its name: other content never takes the same address."""
    return f"exports/{generation_id}/{item_id}/{format_name}-{sha256[:12]}.{extension}"


def folders(generation_id: str) -> tuple[str, ...]:
    """Where a generation's pictures and exports are."""
    return f"generated/{generation_id}/", f"exports/{generation_id}/"


def controlnet_map(keypoints: Keypoints, width: int, height: int) -> str:
    return f"controlnet/{digest(keypoints, 'openpose', width, height)}.png"


def library_picture(kind: str, keypoints: Keypoints, side: int) -> str:
    """`kind` is preview, reference or thumbnail. Change MANNEQUIN with its looks, and all are drawn again."""
    return f"library/{kind}/{digest(keypoints, MANNEQUIN, side)}.webp"


def upload(user_id: str, file_id: str) -> str:
    """The user's id comes from somebody else's token and may hold anything, so it is hashed."""
    return f"uploads/{hashlib.sha256(user_id.encode()).hexdigest()[:32]}/{file_id}.jpg"


def upload_in(path: str, user_id: str) -> str | None:
    """The user's own upload that a URL with this path shows, if it is one."""
    file_id = path.rpartition("/")[2].removesuffix(".jpg")
    return file_id if path.endswith("/" + upload(user_id, file_id)) else None


def is_of_library(key: str) -> bool:
    return key.startswith(("library/", "controlnet/"))


def staged(generation_id: str, item_id: str, seed: int) -> str:
    """What the provider gave, before it is checked; named by its seed so that two attempts never mix."""
    return f"staging/{generation_id}/{item_id}-{seed}"


def recomposed(staged_key: str) -> str:
    """Beside the staged picture, with its background changed."""
    return f"{staged_key}-background"


def matte(picture_key: str, picture: bytes) -> str:
    """Which pixels of a picture are the figure's: asked once, however often its background changes, and
    wherever the picture is by then.
    """
    return f"mattes/{hashlib.sha256(picture).hexdigest()}/{owner(picture_key)}.png"


def composed(change_id: str) -> str:
    """A later change of the background, made and not yet looked at."""
    return f"staging/{change_id}/composed"


def owner(key: str) -> str | None:
    """The id of the generation, background change or upload that a key belongs to. None for what is shared
    and found by what it shows (maps, library pictures), and for what none of us has put there.
    """
    kind, _, rest = key.partition("/")
    if kind in _OF_FOLDER:
        folder, inside, _ = rest.partition("/")
        return folder if inside else None
    return rest.rpartition("/")[2].partition(".")[0] if kind in _OF_FILE else None


def is_whole(key: str) -> bool:
    """Whether it is in use for as long as its owner exists at all."""
    return key.partition("/")[0] in _OF_FILE


def extension(key: str) -> str:
    return key.rsplit(".", 1)[-1]


def content_type(key: str) -> str:
    return CONTENT_TYPES.get(extension(key), "application/octet-stream")
