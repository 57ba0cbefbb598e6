"""A message and its day of attempts, on a server whose clock jumps over the waiting."""

import asyncio
import sysconfig
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from schema.kinds import DeliveryFault, DeliveryStatus
from schema.webhooks import SentWebhook, WebhookMessage
from tests.eventually import until
from tests.workflow.books import BAD, OK, Books, new_message, serving
from workflows import names, policies
from workflows.webhook_gateway import WebhookGateway

TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
async def time() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
    ) as environment:
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                search_attributes=dict.fromkeys(
                    (key.name for key in (names.USER_ID, names.STATUS, names.ERROR_CODE)),
                    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
                )
            )
        )
        yield environment


@pytest.fixture
def message() -> WebhookMessage:
    return new_message()


async def ended(time: WorkflowEnvironment, message: WebhookMessage) -> SentWebhook:
    """However long it takes: two days pass at once."""
    await time.sleep(timedelta(days=2))
    sent: SentWebhook = await time.client.get_workflow_handle(message.id, result_type=SentWebhook).result()
    return sent


async def test_a_receiver_that_never_takes_it_is_tried_for_a_day(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    async with serving(time.client, books):
        await WebhookGateway(time.client).start(message)
        sent = await ended(time, message)
    assert (sent.status, sent.attempt, sent.error_code) == (DeliveryStatus.FAILED, 8, BAD)
    assert [call.retry_in_s is None for call in books.calls] == [False] * 7 + [True]
    for took, wanted in zip(books.waits, policies.RECEIVER_WAITS, strict=True):
        assert 0.9 * wanted <= took <= 1.1 * wanted + timedelta(seconds=5)
    assert timedelta(hours=24) < sum(books.waits, timedelta()) < timedelta(hours=31)
    assert len({took / wanted for took, wanted in zip(books.waits, policies.RECEIVER_WAITS, strict=True)}) > 1


async def test_once_taken_it_is_not_sent_again(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    books.meets = [DeliveryFault.TIMEOUT, BAD, OK]
    async with serving(time.client, books):
        await WebhookGateway(time.client).start(message)
        sent = await ended(time, message)
        await WebhookGateway(time.client).start(message)
    assert (sent.status, sent.error_code, len(books.calls)) == (DeliveryStatus.DELIVERED, None, 3)


@pytest.mark.parametrize("fault", [fault for fault in DeliveryFault if fault.final])
async def test_what_trying_again_cannot_help_ends_at_once(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage, fault: DeliveryFault
) -> None:
    books.meets = [fault]
    async with serving(time.client, books):
        await WebhookGateway(time.client).start(message)
        sent = await ended(time, message)
    assert (sent.status, sent.error_code, len(books.calls)) == (DeliveryStatus.FAILED, fault, 1)


async def test_a_receiver_that_asks_for_time_gets_it(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    books.meets, books.receiver_asks_s = [BAD, OK], 3600
    async with serving(time.client, books):
        await WebhookGateway(time.client).start(message)
        await ended(time, message)
    assert books.waits[0] >= timedelta(hours=1)


async def test_started_often_it_is_sent_once(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    books.meets = [OK]
    async with serving(time.client, books):
        await asyncio.gather(*(WebhookGateway(time.client).start(message) for _ in range(10)))
        await ended(time, message)
        await WebhookGateway(time.client).start(message)
    assert len(books.calls) == 1


async def test_the_user_need_not_wait_for_the_next_attempt(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    gateway = WebhookGateway(time.client)
    async with serving(time.client, books):
        await gateway.start(message)
        await time.sleep(timedelta(minutes=10))
        await until(lambda: len(books.calls) == 3)
        for _ in range(3):
            await gateway.redeliver(message, after_attempt=3)
        await until(lambda: len(books.calls) == 4)
        sent = await ended(time, message)
    assert books.calls[3].asked
    assert [call.asked for call in books.calls].count(True) == 1, "asked three times of one attempt"
    assert (sent.attempt, books.waits[2] < timedelta(minutes=30)) == (9, True), (
        "none of the eight was used up"
    )
    assert sum(books.waits[:4], timedelta()) > timedelta(minutes=30), "the wait began anew"


@pytest.mark.parametrize("fault", [OK, BAD])
async def test_after_the_end_it_is_sent_once_more_under_the_same_id(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage, fault: DeliveryFault | None
) -> None:
    books.meets = [DeliveryFault.GONE, fault]
    gateway = WebhookGateway(time.client)
    async with serving(time.client, books):
        await gateway.start(message)
        await ended(time, message)
        await gateway.redeliver(message.model_copy(update={"once": True}), after_attempt=1)
        sent = await ended(time, message)
    assert [call.message_id for call in books.calls] == [message.id] * 2
    assert [call.asked for call in books.calls] == [False, True]
    assert sent.retry_in_s is None


async def test_asking_just_as_it_ends_is_not_lost(
    time: WorkflowEnvironment, books: Books, message: WebhookMessage
) -> None:
    """The user has seen the attempt in the books before the workflow has heard of its end."""
    books.meets, books.hold = [DeliveryFault.GONE, OK], asyncio.Event()
    gateway = WebhookGateway(time.client)
    async with serving(time.client, books):
        await gateway.start(message)
        await until(lambda: len(books.calls) == 1)
        await gateway.redeliver(message.model_copy(update={"once": True}), after_attempt=1)
        books.hold.set()
        sent = await ended(time, message)
    assert (sent.status, len(books.calls)) == (DeliveryStatus.DELIVERED, 2)
