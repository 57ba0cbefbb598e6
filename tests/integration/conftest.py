"""The product on real servers: PostgreSQL, Temporal, the provider simulator; the worker in this process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client

from adapters.storage.factory import open_storage
from cli.up import ports
from schema.database import Database
from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.http import api_served
from tests.servers.postgres import SEEDED, SIDE, Databases
from tests.servers.providers import FAL, form_settings
from tests.servers.simulator import QUICK_KEY, simulator
from tests.servers.temporal import own_namespace
from workflows import worker
from workflows.gateway import GenerationGateway


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    with simulator("--latency-s", "0.2") as url:
        yield url


@pytest.fixture
async def sim(simulator_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The simulator's own routes, with nothing left of the test before."""
    async with httpx.AsyncClient(base_url=simulator_url) as client:
        (await client.delete("/_sim")).raise_for_status()
        yield client
        (await client.delete("/_sim")).raise_for_status()


@pytest.fixture(scope="module")
def quick_simulator() -> Iterator[str]:
    """For provider clients alone: two pictures at once, and its key is asked for."""
    with simulator("--latency-s", "0.05", "--concurrency", "2", "--key", QUICK_KEY) as url:
        yield url


@pytest.fixture
async def control(quick_simulator: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{quick_simulator}/_sim") as client:
        yield client
        (await client.delete(f"{quick_simulator}/_sim")).raise_for_status()


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    """A namespace of the test's own."""
    return await own_namespace(temporal_address)


@pytest.fixture
def seeded_url(postgres_server: Databases) -> Iterator[str]:
    """A database of the test's own, with the pose library in it."""
    with postgres_server.fresh(template=SEEDED) as url:
        yield url


@pytest.fixture
def provider_form(request: pytest.FixtureRequest) -> str:
    """Of tests.servers.providers; one that asks for another parametrizes this fixture."""
    return str(getattr(request, "param", FAL))


@pytest.fixture
def settings(
    seeded_url: str, simulator_url: str, temporal: Client, tmp_path: Path, provider_form: str
) -> Settings:
    port = ports.choose(0, "")
    return Settings(
        _env_file=None,
        database_url=SecretStr(seeded_url),
        temporal_address=temporal.service_client.config.target_host,
        temporal_namespace=temporal.namespace,
        **form_settings(provider_form, simulator_url, "test"),
        flux_width=SIDE,
        flux_height=SIDE,
        flux_call_timeout_s=6,
        storage_local_path=tmp_path / "files",
        public_base_url=f"http://127.0.0.1:{port}",
    )


@pytest.fixture
async def shop(settings: Settings, temporal: Client, sim: httpx.AsyncClient) -> AsyncIterator[Shop]:
    """Everything but the API, with a seeded library and a customer; no worker runs yet."""
    database = Database(settings.database_url.get_secret_value())
    storage = open_storage(settings)
    shop = Shop(settings, database, temporal, GenerationGateway(temporal), storage, sim)
    await shop.welcome("ann", 100_000)
    yield shop
    await storage.close()
    await database.close()


@pytest.fixture
async def open_shop(shop: Shop) -> AsyncIterator[Shop]:
    async with worker.serving(shop.settings, shop.temporal):
        yield shop


@pytest.fixture
async def door(open_shop: Shop) -> AsyncIterator[str]:
    """The API's address."""
    async with api_served(open_shop.settings) as url:
        yield url


@pytest.fixture
async def ann(open_shop: Shop, door: str) -> AsyncIterator[Customer]:
    customer = Customer.of(open_shop.settings, door, "ann")
    async with customer.http:
        yield customer
