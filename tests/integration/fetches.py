"""Fetching as the public client does, from a site on this machine, by names that mean what a test says."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from adapters.http import Reply
from adapters.public import FetchFailed, PublicClient
from tests.servers.site import Site, opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with opened() as site:
        yield site


class Names:
    """Name servers whose answers change: each look-up of a name takes the next one, the last stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, name: str) -> Iterable[str]:
        self.asked.append(name)
        left = self.answers.get(name.partition(".")[0], [["127.0.0.1"]])
        return left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def fetching(
    names: Names | None = None, *, verify: ssl.SSLContext | None = None
) -> AsyncIterator[PublicClient]:
    client = PublicClient(allow_loopback=True, lookup=names or Names(), verify=verify)
    yield client
    await client.close()


@pytest.fixture
async def client() -> AsyncIterator[PublicClient]:
    async with fetching() as client:
        yield client


async def fetch(client: PublicClient, url: str) -> Reply:
    return await client.get(url, max_bytes=1000, total_s=5)


async def refused(client: PublicClient, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as raised:
        await fetch(client, url)
    return raised.value
