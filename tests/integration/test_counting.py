"""What the metrics count is what the books say: each thing once, and only once it is committed."""

import logging
from typing import Any

import pytest

from api.observed import Observed
from schema.database import Database
from schema.errors import Unavailable
from schema.messages.orders import GenerationInput
from schema.queries import ledger
from telemetry.metrics import REGISTRY
from tests.orders import charge, deliver, open_shop, order, refund, settle, sql
from workflows.gateway import GenerationGateway
from workflows.queue_health import QueueHealth


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=600)
    return database


async def test_repeated_steps_count_once(shop: Database) -> None:
    def seen() -> list[float]:
        items = "posegen_items_total"
        return [
            count("posegen_credits_total", type="charge"),
            count("posegen_credits_total", type="refund"),
            sum(s.value for m in REGISTRY.collect() for s in m.samples if s.name == items),
        ]

    before, of = seen(), order(3)
    for _ in range(2):
        await charge(shop, of)
        await deliver(shop, of, 0)
        await refund(shop, of, 1)
        await settle(shop, of)
    charged = of.total_items * of.item_price_credits
    back = (of.total_items - 1) * of.item_price_credits
    assert [after - first for after, first in zip(seen(), before, strict=True)] == [
        charged,
        back,
        of.total_items,
    ]


async def test_what_is_rolled_back_never_happened(shop: Database) -> None:
    async def breaks_off(of: GenerationInput) -> None:
        async with shop.transaction() as session:
            await ledger.charge(session, of)
            raise KeyError

    before = count("posegen_credits_total", type="charge")
    with pytest.raises(KeyError):
        await breaks_off(order())
    assert count("posegen_credits_total", type="charge") == before


class _Queues(GenerationGateway):
    """Temporal as the API sees it, there or away."""

    def __init__(self) -> None:
        self.away = False

    async def health(self) -> dict[str, QueueHealth]:
        if self.away:
            raise Unavailable("The workflow service cannot be reached.")
        return {"pose-flux": QueueHealth(backlog=7, oldest_s=1.5, asked_s=(0, 0))}


async def test_money_lost_is_shown_and_shouted(shop: Database, caplog: pytest.LogCaptureFixture) -> None:
    looking = Observed(shop, _Queues())
    await looking.look_at_ledger()
    assert count("posegen_ledger_imbalances", rule="balance") == 0
    await sql(
        shop,
        "SET LOCAL session_replication_role = replica;UPDATE users SET balance_credits = balance_credits + 1",
    )
    await looking.look_at_ledger()
    assert count("posegen_ledger_imbalances", rule="balance") == 2
    said: list[Any] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert ["balance" in record.getMessage() for record in said] == [True]


async def test_queues_that_cannot_be_seen_are_not_shown(shop: Database) -> None:
    temporal = _Queues()
    looking = Observed(shop, temporal)
    await looking.look_at_queues()
    assert count("posegen_task_queue_backlog", queue="pose-flux") == 7
    assert count("posegen_task_queue_backlog_age_seconds", queue="pose-flux") == 1.5
    temporal.away = True
    await looking.look_at_queues()
    for name in ("backlog", "backlog_age_seconds", "pollers"):
        assert REGISTRY.get_sample_value(f"posegen_task_queue_{name}", {"queue": "pose-flux"}) is None
