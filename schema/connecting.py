"""A connection to PostgreSQL is there, or it is not: none stays half open."""

import asyncio
import traceback
from typing import Any

from psycopg import AsyncConnection


async def connect(conninfo: str = "", **options: Any) -> AsyncConnection:
    """Whoever is cancelled meanwhile leaves nothing behind.

    The half open connection is known to psycopg's frames only, which live on in the traceback until garbage
    is collected. The server would count it as one of its few for as long as anybody may take to sign in.
    """
    try:
        return await AsyncConnection.connect(conninfo, **options)
    except asyncio.CancelledError as left:
        traceback.clear_frames(left.__traceback__)
        raise
