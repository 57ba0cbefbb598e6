"""The service's own secret was changed: receivers verify messages with the secrets they have, as before."""

from collections.abc import AsyncIterator

import pytest

from cli.reseal import seal_again
from schema.settings import Settings
from tests.eventually import eventually, until
from tests.integration.examined import GOOD_SECRET, looked_over
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.http import api_served
from tests.servers.receiver import receiving
from workflows import worker


@pytest.fixture
async def ann(shop: Shop) -> AsyncIterator[Customer]:
    """At an API that nobody has told of the new secret yet; no worker runs."""
    async with api_served(shop.settings) as url:
        customer = Customer.of(shop.settings, url, "ann")
        async with customer.http:
            yield customer


@pytest.fixture
async def secret(ann: Customer) -> str:
    return str((await ann.ask("POST", "/webhooks/secret")).json()["secret"])


@pytest.fixture
def rotated(shop: Shop) -> Settings:
    return shop.settings.model_copy(update={"jwt_secret": GOOD_SECRET})


async def test_receivers_notice_nothing_once_their_secrets_are_sealed_again(
    ann: Customer, shop: Shop, secret: str, rotated: Settings
) -> None:
    async def fault() -> str | None:
        sent = (await ann.get("/webhooks/deliveries"))["deliveries"]
        return sent[0]["errorCode"] if sent else None

    old = shop.settings.jwt_secret.get_secret_value()
    async with receiving() as receiver, worker.serving(rotated, shop.temporal):
        await ann.start(await shop.poses(1), webhookUrl=receiver.url)
        assert await eventually(fault, bool) == "SECRET_UNREADABLE"
        assert await seal_again(rotated, old) == (1, 0, 0)
        await ann.start(await shop.poses(1), webhookUrl=receiver.url)
        await until(lambda: bool(receiver.received))
    assert receiver.received[0].verified(secret)
    assert await seal_again(rotated, old) == (0, 1, 0)
    assert (await looked_over(rotated))["receivers"].found == "1 webhook secrets open"


@pytest.mark.usefixtures("secret")
async def test_what_neither_secret_opens_is_told_and_stays(shop: Shop, rotated: Settings) -> None:
    assert await seal_again(rotated, "another secret altogether") == (0, 0, 1)
    assert await seal_again(shop.settings, "another secret altogether") == (0, 1, 0)
