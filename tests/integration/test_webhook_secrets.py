"""What messages are signed with: secrets that are made, rotated, revoked and sealed."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, update

from adapters.webhooks.vault import Vault
from schema.kinds import DeliveryFault, DeliveryStatus
from schema.queries.webhooks import secrets
from schema.tables import WebhookSecret
from schema.tables.columns import now
from tests.integration.webhook_desk import Desk, desk, receiver
from tests.servers.receiver import Receiver

__all__ = ["desk", "receiver"]


async def test_while_a_secret_is_rotated_both_are_good(desk: Desk, receiver: Receiver) -> None:
    old = await desk.rotate()
    new = await desk.rotate()
    await desk.send(await desk.message(receiver.url))
    assert receiver.received[0].verified(old) == receiver.received[0].verified(new)
    async with desk.database.transaction() as session:
        await session.exec(
            update(WebhookSecret)
            .where(col(WebhookSecret.expires_at).is_not(None))
            .values(expires_at=now() - timedelta(seconds=1))
        )
    await desk.send(await desk.message(receiver.url))
    receiver.received[1].verified(new)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.received[1].verified(old)


async def test_a_leaked_secret_can_be_revoked_at_once(desk: Desk, receiver: Receiver) -> None:
    leaked = await desk.rotate()
    fresh = await desk.rotate(revoke_previous=True)
    await desk.send(await desk.message(receiver.url))
    receiver.received[0].verified(fresh)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.received[0].verified(leaked)


async def test_secrets_made_at_once_leave_one_in_use(desk: Desk) -> None:
    await asyncio.gather(*(desk.rotate() for _ in range(secrets.MAX_VALID)))
    async with desk.database.transaction() as session:
        valid = await secrets.valid(session, "ani")
    assert [each.expires_at is None for each in valid] == [True] + [False] * (secrets.MAX_VALID - 1)


async def test_who_never_asked_for_a_secret_gets_signed_messages_too(desk: Desk, receiver: Receiver) -> None:
    await asyncio.gather(*[desk.send(await desk.message(receiver.url)) for _ in range(3)])
    assert all(each.headers["webhook-signature"].startswith("v1,") for each in receiver.received)
    async with desk.database.transaction() as session:
        (made,) = await secrets.valid(session, "ani")
    receiver.received[0].verified(desk.vault.open(made.sealed))
    assert "whsec_" not in made.sealed


async def test_a_secret_sealed_by_another_service_secret(desk: Desk, receiver: Receiver) -> None:
    await desk.rotate()
    message = await desk.message(receiver.url)
    desk.vault = Vault("another")
    sent = await desk.send(message)
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.SECRET_UNREADABLE)
    assert receiver.received == [], "nothing goes out unsigned"
    secret = await desk.rotate(revoke_previous=True)
    assert (await desk.send(message)).status is DeliveryStatus.DELIVERED
    receiver.received[0].verified(secret)
