"""What a customer asks the API about webhooks: a secret, and how a delivery stands."""

from functools import partial
from typing import Any

import pytest

from schema.kinds import WebhookEvent
from tests.eventually import eventually
from tests.integration.front_door import Customer

EVERYTHING = [event.value for event in WebhookEvent]


@pytest.fixture
async def secret(ann: Customer) -> str:
    return await rotated(ann)


async def rotated(customer: Customer, **how: Any) -> str:
    reply = await customer.ask("POST", "/webhooks/secret", **how)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["secret"])


async def delivery_of(customer: Customer, delivery_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await customer.get(f"/webhooks/deliveries/{delivery_id}"))["delivery"]
    return found


async def stands(
    customer: Customer, delivery_id: str, status: str, attempt_count: int, status_code: int = 200
) -> dict[str, Any]:
    """Once that many attempts are over, the last one answered with that status code."""
    wanted = (status, attempt_count, status_code)
    return await eventually(
        partial(delivery_of, customer, delivery_id),
        lambda seen: (seen["status"], seen["attemptCount"], seen["lastStatusCode"]) == wanted,
    )
