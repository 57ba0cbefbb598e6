"""What a history and a refusal of ComfyUI say, read from names and types, never from words."""

from typing import Any

import httpx
import pytest

from adapters.http import Reply
from adapters.providers.comfyui.failures import failed, refused
from adapters.providers.comfyui.runs import succeeded
from schema.errors import ItemError, ProviderAccount, ProviderRejected, ProviderUnavailable


def entry(*messages: Any, status_str: str = "error") -> dict[str, Any]:
    return {"outputs": {}, "status": {"status_str": status_str, "completed": False, "messages": [*messages]}}


def raised(kind: str) -> list[Any]:
    return ["execution_error", {"node_type": "KSampler", "exception_type": kind, "exception_message": "No."}]


START = ["execution_start", {"prompt_id": "p"}]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([START, raised("torch.OutOfMemoryError")], ProviderUnavailable),
        ([START, raised("torch.cuda.OutOfMemoryError")], ProviderUnavailable),
        ([START, raised("RuntimeError")], ProviderUnavailable),
        ([START, raised("FileNotFoundError")], ProviderRejected),
        ([START, raised("ValueError")], ProviderRejected),
        ([START, raised("safetensors_rust.SafetensorError")], ProviderRejected),
        ([START, ["execution_interrupted", {"node_type": "KSampler"}]], ProviderUnavailable),
        ([START], ProviderUnavailable),
        ([], ProviderUnavailable),
        ([["execution_error", None], 7, None, ["execution_error"]], ProviderUnavailable),
    ],
)
def test_a_failed_run_is_tried_again_unless_that_is_hopeless(
    messages: list[Any], expected: type[ItemError]
) -> None:
    error = failed(entry(*messages))
    assert type(error) is expected


def test_the_operator_reads_which_node_and_why() -> None:
    details = failed(entry(START, raised("torch.OutOfMemoryError"))).details
    assert details == {
        "event": "execution_error",
        "node": "KSampler",
        "exception": "torch.OutOfMemoryError",
        "text": "No.",
    }


@pytest.mark.parametrize("status", [None, {}, {"status": None}, {"status": {}}, {"status": {"messages": 3}}])
def test_a_history_without_a_status_is_no_reason_to_break(status: Any) -> None:
    assert type(failed(status or {})) is ProviderUnavailable


@pytest.mark.parametrize(
    ("told", "good"),
    [
        (entry(status_str="success"), True),
        (entry(status_str="error"), False),
        (entry(status_str="new"), False),
        ({"outputs": {}, "status": None}, True),
        ({}, True),
    ],
)
def test_success_is_what_the_status_says(told: dict[str, Any], *, good: bool) -> None:
    assert succeeded(told) is good


def reply(status: int, body: Any = None, content: bytes = b"") -> Reply:
    made = httpx.Response(status, json=body) if body is not None else httpx.Response(status, content=content)
    return Reply(made.status_code, made.headers, made.content)


def test_what_is_wrong_with_each_node_reaches_the_operator() -> None:
    wrong = {"type": "value_not_in_list", "message": "Value not in list", "details": "ckpt: 'a' not in []"}
    body = {
        "error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"},
        "node_errors": {"4": {"errors": [wrong], "class_type": "CheckpointLoaderSimple"}},
    }
    error = refused(reply(400, body))
    assert type(error) is ProviderRejected
    assert error.details["text"] == "Prompt outputs failed validation"
    assert error.details["nodes"] == {"4 (CheckpointLoaderSimple)": "Value not in list: ckpt: 'a' not in []"}


@pytest.mark.parametrize(
    "node_errors", [[], {}, None, 3, {"4": None}, {"4": {"errors": [None]}}, {"4": {"errors": []}}]
)
def test_strange_node_errors_are_borne(node_errors: Any) -> None:
    body = {"error": {"message": "No."}, "node_errors": node_errors}
    assert refused(reply(400, body)).details["text"] == "No."


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, ProviderAccount),
        (403, ProviderAccount),
        (404, ProviderRejected),
        (413, ProviderRejected),
        (500, ProviderUnavailable),
        (502, ProviderUnavailable),
    ],
)
def test_a_proxy_in_front_of_it_is_understood(status: int, expected: type[ItemError]) -> None:
    assert type(refused(reply(status, content=b"<html>nginx</html>"))) is expected
