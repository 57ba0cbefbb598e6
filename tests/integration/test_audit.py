"""The audit finds every way to break what must always be true, and nothing else."""

import pytest
from sqlalchemy import text

from schema.database import Database
from schema.messages.orders import GenerationInput
from schema.queries import audit, users
from schema.queries.audit_rules import RULES
from tests.orders import (
    change_order,
    charge,
    charge_change,
    complete_change,
    deliver,
    open_shop,
    order,
    refund,
    settle,
    sql,
)

# The guards are off for what follows in the same transaction: as after a restore, or a superuser's mistake.
UNGUARDED = "SET LOCAL session_replication_role = replica"
UNCHECKED = """
    ALTER TABLE pose_generations DROP CONSTRAINT settled_is_fair, DROP CONSTRAINT settled_is_whole,
        DROP CONSTRAINT paid_in_full, DROP CONSTRAINT counts_fit
"""
BREAKS = {
    "the balance is the sum of the entries": "UPDATE users SET balance_credits = 1 WHERE id = 'ani'",
    "each entry continues the one before": (
        "UPDATE credits SET balance_after_credits = 5 WHERE type = 'charge' AND user_id = 'ani'"
    ),
    "a generation's money is what the ledger says": "DELETE FROM credits WHERE type = 'refund'",
    "whoever paid has a generation": "DELETE FROM pose_generations WHERE user_id = 'ani'",
    "a generation counts its items": "UPDATE pose_generations SET poses_failed = 0 WHERE user_id = 'ani'",
    "a settled generation keeps the price of what it delivered": (
        "UPDATE pose_generations SET poses_completed = 3 WHERE user_id = 'ani' AND quota_charged = 0"
    ),
    "a settled generation has every item once": "DELETE FROM generated_poses WHERE index = 1",
    "no item lies outside its generation": "UPDATE generated_poses SET index = 400 WHERE index = 1",
    "quota is kept for what was delivered": (
        "UPDATE pose_generations SET quota_returned = 2 WHERE quota_charged = 2"
    ),
    "a user's quota is what the window's generations took": "UPDATE users SET unlimited_used_items = 9",
    "a background change's money is what the ledger says": (
        "DELETE FROM credits WHERE reference_type = 'background_change'"
    ),
    "a changed background is kept with its picture": "UPDATE generated_poses SET original_image_key = NULL",
    "a user's days count what happened": "UPDATE user_days SET generation_time_ms = 0",
    "a user's poses count the delivered pictures": "DELETE FROM user_poses",
}


async def findings(database: Database) -> list[audit.Finding]:
    async with database.snapshot() as session:
        return await audit.run(session)


@pytest.fixture
async def history(database: Database) -> GenerationInput:
    """One generation paid with credits and one with quota, half delivered and settled, the first picture with
    another background; and a running one.
    """
    await open_shop(database, "ani", "budi", credits_each=300)
    by_credits, running, by_quota = order(2), order(2), order(2, user="budi")
    async with database.transaction() as session:
        await users.set_unlimited(session, "budi", active=True)
    for of in (by_credits, by_quota):
        await charge(database, of)
        await deliver(database, of, 0)
        await refund(database, of, 1)
        await settle(database, of)
    wanted = change_order(by_credits)
    await charge_change(database, wanted)
    await complete_change(database, wanted)
    await charge(database, running)
    await deliver(database, running, 0)
    return running


async def test_a_sound_history_has_no_findings(database: Database, history: GenerationInput) -> None:
    assert await findings(database) == []


async def test_every_rule_is_broken_below() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule", BREAKS)
async def test_what_breaks_a_rule_is_found(database: Database, history: GenerationInput, rule: str) -> None:
    await sql(database, f"{UNCHECKED}; {UNGUARDED}; {BREAKS[rule]}")
    found = [finding for finding in await findings(database) if finding.rule == rule]
    assert found
    assert all(finding.subject and finding.details for finding in found)


async def test_the_audit_changes_nothing(database: Database, history: GenerationInput) -> None:
    async with database.snapshot() as session:
        await audit.run(session)
        assert await session.scalar(text("SHOW transaction_read_only")) == "on"
