"""What an operator sees of all running generations, and of those that are stuck."""

from functools import partial
from typing import Any

import httpx
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from api.app import PREFIX
from cli.token import mint
from schema.kinds import Role
from tests.eventually import eventually
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from workflows import names


async def _seen(admin: httpx.AsyncClient) -> dict[str, Any]:
    answer = await admin.get("/metrics/running")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_operator_sees_what_runs_and_what_is_stuck(ann: Customer, shop: Shop, door: str) -> None:
    stuck = await shop.temporal.start_workflow(
        "GenerationWorkflow",
        id="gen_stuck",
        task_queue="nobody-serves-this",
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(names.DEGRADED, value=True),
                SearchAttributePair(names.STATUS, "processing"),
                SearchAttributePair(names.ITEMS_TOTAL, 8),
                SearchAttributePair(names.ITEMS_DONE, 3),
            ]
        ),
    )
    headers = {"Authorization": f"Bearer {mint(shop.settings, 'boss', Role.ADMIN)}"}
    async with httpx.AsyncClient(base_url=door + PREFIX, headers=headers) as admin:
        found = await eventually(partial(_seen, admin), lambda seen: bool(seen["degraded"]))
        assert found["running"] >= 1
        (run,) = found["degraded"]
        assert (run["generationId"], run["itemsTotal"], run["itemsDone"]) == ("gen_stuck", 8, 3)
        assert run["workflowUrl"] == f"{found['uiUrl']}/workflows/gen_stuck"
        await stuck.terminate()
        await eventually(partial(_seen, admin), lambda seen: not seen["degraded"])
    refused = await ann.ask("GET", "/metrics/running")
    assert refused.status_code == 403
