"""Generations ordered over the API."""

import httpx

from tests.integration.api.conftest import gallery


async def started(client: httpx.AsyncClient, project: str, poses: list[str], batch: int = 1) -> str:
    answer = await client.post("/generate", json=gallery(project, poses, batchSize=batch))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["generationId"])
