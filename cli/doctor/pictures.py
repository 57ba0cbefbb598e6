"""Who makes the pictures, and where they are kept."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

from minio.error import S3Error
from ulid import ULID

from adapters.providers.factory import open_provider
from adapters.providers.refusal import for_operator
from adapters.storage.factory import open_storage
from cli import looks
from cli.doctor.examination import Broken, Doubtful
from schema import keys
from schema.errors import ItemError, Misconfigured, ProviderAccount, ProviderRejected, StorageUnavailable
from schema.settings import Settings

PROBE: Final = b"posegen doctor"
MIB: Final = 2**20
ENOUGH_BYTES: Final = 2048 * MIB
LEAST_BYTES: Final = 200 * MIB
AT_ONE_GPU: Final = 2
ACCOUNT: Final = {
    "fal": "Set FAL_KEY to a valid key of https://fal.ai/dashboard/keys and see that its account has money.",
    "huggingface": "Set HUGGINGFACE_API_KEY to a token of https://huggingface.co/settings/tokens that may "
    "call Inference Providers, and see https://huggingface.co/settings/billing",
    "comfyui": "Set COMFYUI_API_KEY to what the proxy in front of the server accepts.",
}
ABILITY: Final = {
    "fal": "Correct FAL_QUEUE_URL and FAL_MODEL.",
    "huggingface": "Correct HUGGINGFACE_MODEL, or choose another HUGGINGFACE_ROUTE.",
    "comfyui": "Install what it lacks, or name other models in a COMFYUI_GRAPH of your own.",
}
URL_OF: Final = {"fal": "FAL_QUEUE_URL", "huggingface": "HUGGINGFACE_HUB_URL", "comfyui": "COMFYUI_URL"}
BUCKET: Final = {"NoSuchBucket": "Create the bucket, or correct S3_BUCKET."}
RIGHTS: Final = "Correct S3_ACCESS_KEY and S3_SECRET_KEY, or give that key the right to write to the bucket."


async def configured(settings: Settings) -> str:
    """Nobody is asked anything yet, but whatever is wrong here keeps worker and API from starting."""
    try:
        await open_provider(settings).close()
        await open_storage(settings).close()
        await looks.require(settings)
    except Misconfigured as error:
        raise Broken(f"{error.message}.", "Correct it in the environment or .env.") from error
    return f"{settings.flux_provider} makes pictures, {settings.storage_mode} keeps them"


async def provider_answers(settings: Settings) -> str:
    provider = open_provider(settings)
    try:
        return f"{provider.name}: {await provider.check()}"
    except ItemError as error:
        raise Broken(
            f"{provider.name}: {for_operator(error)}", _remedy(error, settings.flux_provider)
        ) from error
    finally:
        await provider.close()


async def calls_at_once(settings: Settings) -> str:
    count = settings.flux_concurrency
    if settings.flux_provider == "comfyui" and count > AT_ONE_GPU:
        found = f"{count} calls at once, but ComfyUI draws one picture at a time and the wait counts as well."
        raise Doubtful(found, "Set FLUX_CONCURRENCY to 1 or 2 for each server.")
    return f"{count} in each worker"


async def storage_keeps(settings: Settings) -> str:
    storage = open_storage(settings)
    key = keys.staged("doctor", str(ULID()), 0)
    try:
        await storage.put(key, PROBE)
        same = await storage.get(key) == PROBE
        await storage.delete(key)
    except StorageUnavailable as error:
        raise Broken(f"{_place(settings)}: {_cause(error)}.", _repair(error, settings)) from error
    finally:
        await storage.close()
    if not same:
        raise Broken(f"{_place(settings)} gives back something else.", "Look for a proxy that changes it.")
    return f"{_place(settings)} can be written and read"


async def has_room(settings: Settings, enough: int = ENOUGH_BYTES, least: int = LEAST_BYTES) -> str:
    if settings.storage_mode != "local":
        return "the bucket's business"
    path = settings.storage_local_path.absolute()
    free = (await asyncio.to_thread(shutil.disk_usage, _existing(path))).free
    found = f"{free // MIB} MiB free at {path}"
    if free < enough:
        raise (Broken if free < least else Doubtful)(f"only {found}.", "Free some, or move to a larger disk.")
    return found


def _remedy(error: ItemError, provider: str) -> str:
    match error:
        case ProviderAccount():
            return ACCOUNT[provider]
        case ProviderRejected():
            return ABILITY[provider]
        case _:
            return (
                f"Start it, or correct {URL_OF[provider]}; it may also be a passing trouble of the service."
            )


def _place(settings: Settings) -> str:
    if settings.storage_mode == "local":
        return str(settings.storage_local_path.absolute())
    return f"bucket {settings.s3_bucket} at {settings.s3_endpoint}"


def _cause(error: StorageUnavailable) -> str:
    match error.__cause__:
        case S3Error() as refused:
            return f"{refused.code}, {refused.message}".rstrip(".")
        case OSError(strerror=str(words)):
            return words
        case cause:
            return str(getattr(cause, "reason", cause))


def _repair(error: StorageUnavailable, settings: Settings) -> str:
    if settings.storage_mode == "local":
        return "Let this user write there, or correct STORAGE_LOCAL_PATH."
    if isinstance(error.__cause__, S3Error):
        return BUCKET.get(error.__cause__.code or "", RIGHTS)
    return "Start the server, or correct S3_ENDPOINT."


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
