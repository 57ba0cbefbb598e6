"""Customers of all kinds order while everything dies, freezes, fills up and lies, as drawn from a seed.

The short form of `make chaos`; POSEGEN_SEED draws another run.
"""

import asyncio

import pytest

from tests.chaos.runner import plan, report, run, stage, verdict
from tests.chaos.runner.blows import BLOWS
from tests.lots import new_seed
from tests.servers.up import posegen_up

MINUTES = 1.25


@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nobody_misses_anything() -> None:
    drawn = plan.drawn(new_seed(), MINUTES, stage.FLEET.workers)
    with posegen_up(*stage.OPTIONS, **stage.environment(drawn)) as up:
        facts = asyncio.run(run.run(up, drawn))
    found = verdict.violations(facts)
    assert not found, report.full(drawn, facts, found)
    assert {struck.blow.kind for struck in facts.struck} == BLOWS.keys()
    assert len(facts.generations) > len(drawn.orders) / 2
    assert any(item.image_key for item in facts.items)
