"""The rules by which the simulator misbehaves: whom they meet, how often, and which are refused."""

from typing import Any

import httpx
import pytest

from tests.integration.faults import fal, url
from tests.servers.simulator import MODEL, body, submit

__all__ = ["fal", "url"]


async def test_rules_pick_submissions_and_count_their_hits(fal: httpx.AsyncClient) -> None:
    rules = [
        {"kind": "error_500", "match": {"seeds": [3, 4]}, "count": None},
        {"kind": "error_502", "match": {"prompt": "TAILOR", "after": 4}, "count": 2},
        {"kind": "error_504", "match": {"every": 2}, "count": None},
    ]
    assert (await fal.post("/_sim/faults", json=rules)).status_code == 200
    codes = [(await fal.post(MODEL, json=body(seed=seed))).status_code for seed in range(1, 10)]
    assert codes == [200, 504, 500, 500, 502, 502, 200, 504, 200]
    listing = (await fal.get("/_sim/faults")).json()
    assert [(rule["stage"], rule["hits"]) for rule in listing] == [
        ("submit", 2),
        ("submit", 2),
        ("submit", 2),
    ]
    log = (await fal.get("/_sim/log")).json()
    assert [(job["number"], job["seed"]) for job in log] == [(1, 1), (7, 7), (9, 9)]
    assert (await fal.delete("/_sim/faults")).status_code == 204
    assert (await fal.get("/_sim/faults")).json() == []
    await submit(fal, seed=3)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"kind": "tantrum"}, "unknown kind 'tantrum'"),
        ({"kind": "black", "stage": "file"}, "black applies at run, not at file"),
        ({"kind": "foreign_status_url", "stage": "result"}, "applies at submit"),
        ({"kind": "reset", "count": 0}, "greater than or equal to 1"),
        ({"kind": "reset", "match": {"seed": 3}}, "Extra inputs are not permitted"),
        ({"kind": "reset", "stage": "lunch"}, "Input should be 'submit'"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    fal: httpx.AsyncClient, rule: dict[str, Any], says: str
) -> None:
    reply = await fal.post("/_sim/faults", json=[{"kind": "reset"}, rule])
    assert reply.status_code == 422
    assert says in reply.text
    assert (await fal.get("/_sim/faults")).json() == []
