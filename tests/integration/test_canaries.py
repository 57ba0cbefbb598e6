"""Secrets as canaries: an order with all that a deployment and a user hide, and where it might show.

Logs and traces are looked at by test_observability; here are answers, Temporal's histories and its search.
"""

import json
from base64 import b64decode
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client

from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop

KEYS: Final = {
    "fal_key": "canaryfalkey:0123456789abcdef",
    "huggingface_api_key": "hf_canaryHuggingFaceKey0123",
    "comfyui_api_key": "canary-comfyui-0123456789",
    "s3_secret_key": "canary-s3-secret-0123456789",
    "metrics_token": "canary-metrics-token-0123456789",
    "jwt_secret": "canary-jwt-secret-that-is-long-enough-012345",
}
PROMPT: Final = "in a canary-coloured batik shirt"
STYLE: Final = "canary couture"
PROJECT: Final = "The canary project"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    held = {name: SecretStr(value) for name, value in KEYS.items()}
    return settings.model_copy(update=held)


@pytest.fixture
async def generation(ann: Customer, open_shop: Shop) -> str:
    avatar = (await ann.http.post("/avatars", json={"name": "Canary", "style": STYLE})).json()["avatar"]["id"]
    project = await ann.http.put("/projects/proj_ann", json={"projectName": PROJECT})
    assert project.is_success
    poses = await open_shop.poses(2)
    await open_shop.faults({"kind": "error_422", "count": 1})
    generation = await ann.start(poses, prompt=PROMPT, avatarId=avatar, webhookUrl="http://127.0.0.1:9/x")
    await open_shop.settled(generation)
    return generation


def secrets(settings: Settings, ann: Customer, webhook: str) -> dict[str, str]:
    """By name; what opens something, and belongs to nobody who asks here."""
    database = str(httpx.URL(settings.database_url.get_secret_value()).password)
    token = ann.http.headers["Authorization"].removeprefix("Bearer ")
    return {**KEYS, "database password": database, "token": token, "webhook secret": webhook}


async def test_no_secret_is_in_a_history_or_in_an_answer(
    settings: Settings, open_shop: Shop, ann: Customer
) -> None:
    made = (await ann.http.post("/webhooks/secret")).json()["secret"]
    hidden = secrets(settings, ann, made)
    poses = await open_shop.poses(1)
    generation = await ann.start(poses, prompt=PROMPT, webhookUrl="http://127.0.0.1:9/x")
    await open_shop.settled(generation)
    shown = await histories(open_shop.temporal)
    assert PROMPT in shown, "the history is read as it is"
    assert [name for name, secret in hidden.items() if secret in shown] == []
    answers = [(await ann.http.get(path)).text for path in (*looks(generation), "/webhooks")]
    answers += [answer.text for answer in await refusals(ann, hidden)]
    assert [name for name, secret in hidden.items() if any(secret in text for text in answers)] == []


def looks(generation: str) -> list[str]:
    return [
        *(f"/generations/{generation}{part}" for part in ("", "/results", "/receipt", "/shares")),
        *("/manifest", "/health", "/stats", "/credits/ledger", "/generations", "/webhooks/deliveries"),
    ]


async def refusals(ann: Customer, hidden: dict[str, str]) -> list[httpx.Response]:
    """Requests with a secret where it does not belong; what is refused is not repeated."""
    answers = []
    for secret in hidden.values():
        answers += [
            await ann.http.get("/generations", params={"status": secret}),
            await ann.http.get("/library", params={"page": secret}),
            await ann.http.post("/projects", json={"projectName": "x", "avatarSource": secret}),
            await ann.http.post("/generate", json={"generationType": secret}),
            await ann.http.get(f"/generations/{secret}"),
            await ann.http.get("/credits", headers={"Authorization": f"Bearer {secret}x"}),
        ]
    assert {answer.is_error for answer in answers} == {True}
    return answers


async def histories(temporal: Client) -> str:
    """All of them, readable."""
    texts = []
    async for run in temporal.list_workflows():
        history = await temporal.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        texts.append(json.dumps(history.to_json_dict()))
    return "".join(word for text in texts for word in _values(json.loads(text)))


def _values(node: Any) -> list[str]:
    """With what is in payloads, which are base64 in a history's JSON."""
    match node:
        case dict():
            return [word for value in node.values() for word in _values(value)]
        case list():
            return [word for value in node for word in _values(value)]
        case str():
            return [node, *_unpacked(node)]
    return []


def _unpacked(text: str) -> list[str]:
    try:
        return [b64decode(text, validate=True).decode("utf-8", "ignore")]
    except ValueError:
        return []


async def test_search_attributes_hold_nothing_that_a_user_wrote(generation: str, open_shop: Shop) -> None:
    service = open_shop.temporal.workflow_service
    answer = await service.list_workflow_executions(
        ListWorkflowExecutionsRequest(namespace=open_shop.temporal.namespace, query="")
    )
    runs = {run.execution.workflow_id: run for run in answer.executions}
    assert generation in runs
    for run in runs.values():
        said = str(run.search_attributes)
        for word in ("canary", "Canary", "batik", *KEYS.values()):
            assert word not in said, run.execution.workflow_id
        assert PROMPT not in str(run.memo)
