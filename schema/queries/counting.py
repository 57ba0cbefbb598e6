"""What has happened, for this process's metrics: counted where it is written, once it is committed."""

from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from schema.database import after_commit
from schema.tables import Item, LedgerEntry
from telemetry import metrics

NOBODY = "none"
"""Undelivered before any provider had a say."""


def fate(session: AsyncSession, item: Item) -> None:
    count = metrics.ITEMS.labels(item.status, item.provider or NOBODY, item.error_code or metrics.OK)
    after_commit(session, count.inc)


def moved(session: AsyncSession, entry: LedgerEntry) -> None:
    after_commit(session, partial(metrics.CREDITS.labels(entry.type).inc, abs(entry.amount_credits)))
