"""Objects that a step needs and did not make."""

from adapters.storage import ObjectMissing, Storage
from schema.errors import SENTENCES, ItemError, Unexpected


async def needed(storage: Storage, key: str, gone: type[ItemError] = Unexpected) -> bytes:
    """What is gone does not come back: the item is given up, not tried for ever."""
    try:
        return await storage.get(key)
    except ObjectMissing as error:
        missing = gone(SENTENCES[gone.code], details={"missing": key})
        missing.final = True
        raise missing from error
