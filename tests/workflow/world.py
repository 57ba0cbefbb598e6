"""What pretended activities keep in memory, and how they are told to behave."""

import asyncio
from dataclasses import dataclass, field

from schema.errors import PoseError
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import Settle
from schema.messages.orders import Treatment


@dataclass
class World:
    """What the activities saw, and how they are to behave."""

    refuse: PoseError | None = None
    fail_charge: list[PoseError] = field(default_factory=list)
    stall_charges: int = 0
    """So many of them never answer."""
    fail_generate: dict[int, list[PoseError]] = field(default_factory=dict)
    fail_store: dict[int, list[PoseError]] = field(default_factory=dict)
    fail_export: PoseError | None = None
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    hold_from: int = 10_000
    """Items from this index on wait in the provider until `hold` is set."""
    hold_after: int = 0
    """Not for their first so many calls."""
    rows: dict[int, ItemStatus] = field(default_factory=dict)
    refunds: dict[int, str] = field(default_factory=dict)
    seeds: dict[int, list[int]] = field(default_factory=dict)
    maps: list[int] = field(default_factory=list)
    drawn: set[int] = field(default_factory=set)
    """Poses by position whose maps were there before."""
    guides: list[str | None] = field(default_factory=list)
    backdrops: int = 0
    changed: list[tuple[str | None, str | None]] = field(default_factory=list)
    """What items were put before: a colour, or the picture at a key."""
    fail_backdrop: list[PoseError] = field(default_factory=list)
    hold_backdrop: bool = False
    hold_refund: bool = False
    refunding: int = 0
    fail_change: list[PoseError] = field(default_factory=list)
    treatment: Treatment = field(default_factory=lambda: Treatment(backdrop_first=True))
    mattes: list[str] = field(default_factory=list)
    fail_matte: list[PoseError] = field(default_factory=list)
    checks: list[tuple[str, str]] = field(default_factory=list)
    """Who looked at which picture."""
    fail_check: dict[str, list[PoseError]] = field(default_factory=dict)
    """By a part of the picture's key."""
    exported: list[str] = field(default_factory=list)
    hold_export: bool = False
    statuses: list[GenerationStatus] = field(default_factory=list)
    settles: list[Settle] = field(default_factory=list)
    announced: list[int | None] = field(default_factory=list)
    """Items by their index; None is the end."""
    cancelled_calls: int = 0
    fail_cancelled: PoseError | None = None
    """What a call comes to that is cancelled."""
    running: int = 0
    most_running: int = 0
    charges: int = 0
    price: int = 30
    total: int = 0
