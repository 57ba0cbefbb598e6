"""What chaos does is drawn from its seed alone, and leaves nothing out for long."""

import json
from collections import Counter
from dataclasses import asdict

from tests.chaos.runner.blows import BLOWS
from tests.chaos.runner.plan import Plan, drawn, misdeeds
from tests.chaos.runner.stage import FLEET

SHORT, LONG = 1.25, 30


def planned(seed: int, minutes: float = SHORT) -> Plan:
    return drawn(seed, minutes, FLEET.workers)


def test_a_seed_is_a_plan_and_another_seed_another_one() -> None:
    assert planned(7) == planned(7)
    assert planned(7).orders != planned(8).orders
    assert planned(7).blows != planned(8).blows
    assert planned(7).mischief != planned(8).mischief


def test_a_plan_is_plain_data() -> None:
    assert json.loads(json.dumps(asdict(planned(7))))["orders"][0]["seed"] == planned(7).orders[0].seed


def test_even_a_short_run_suffers_every_blow() -> None:
    for seed in range(20):
        assert {blow.kind for blow in planned(seed).blows} == BLOWS.keys()
        assert {blow.worker for blow in planned(seed).blows} <= set(range(1, FLEET.workers + 1))


def test_a_long_run_meets_every_misdeed_about_as_often() -> None:
    met = Counter((each.kind, each.stage) for each in planned(7, LONG).mischief)
    assert met.keys() == set(misdeeds(LONG))
    assert max(met.values()) - min(met.values()) <= 1
    assert ("error_500", "upload") in misdeeds(SHORT, "comfyui"), "where pictures are handed in"
    assert ("silence", "submit") not in misdeeds(SHORT), "a minute's wait does not fit into a short run"


def test_orders_can_be_told_apart_by_their_seeds() -> None:
    orders = planned(7, LONG).orders
    assert len({order.seed for order in orders}) == len(orders)
    assert max(order.seed for order in orders) < 2**31
    assert all(order.keyed or not order.repeats for order in orders), "without a key each would be another"


def test_everything_happens_in_its_time_and_ends_before_the_calm() -> None:
    for minutes in (SHORT, LONG):
        made = planned(3, minutes)
        assert all(0 <= order.at_s <= 60 * minutes for order in made.orders)
        assert all(6 * minutes <= blow.at_s <= 54 * minutes for blow in made.blows)
        assert all(each.at_s <= 54 * minutes for each in made.mischief)
