"""What all tests share. The servers themselves are described in tests/servers."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.lots  # noqa: F401 - its profile must be known before the command line is read
from schema.database import Database
from tests.servers.last_exit import LastExit
from tests.servers.postgres import Databases
from tests.servers.seaweed import S3Endpoint
from tests.servers.shared import SharedServers
from tests.servers.up import Up, posegen_up

NOBODY = Path(__file__).parent / "servers" / "nobody.pem"
"""In place of the world's authorities, whom no test calls: each HTTP client would read 150 of them."""
SERVERS = pytest.StashKey[SharedServers]()


def pytest_configure(config: pytest.Config) -> None:
    os.environ["SSL_CERT_FILE"] = str(NOBODY)
    config.pluginmanager.register(LastExit())
    config.stash[SERVERS] = SharedServers(getattr(config, "workerinput", {}).get("servers"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of xdist: before each worker starts."""
    node.workerinput["servers"] = node.config.stash[SERVERS].start_all()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].stop()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[Databases]:
    databases = Databases(pytestconfig.stash[SERVERS].address("postgres")["url"])
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def s3_server(pytestconfig: pytest.Config) -> S3Endpoint:
    return S3Endpoint(**pytestconfig.stash[SERVERS].address("s3"))


@pytest.fixture(scope="session")
def temporal_address(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].address("temporal")["address"]


@pytest.fixture
def database_url(postgres_server: Databases) -> Iterator[str]:
    """A migrated database of the test's own."""
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def up() -> Iterator[Up]:
    """One stack for all: whatever a kill broke for good, the next test finds."""
    with posegen_up("--latency", "2") as up:
        yield up
