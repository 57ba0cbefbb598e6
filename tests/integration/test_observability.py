"""One order with a failure on a whole `posegen up`: what its logs and numbers tell, and never tell."""

import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from cli.exit import Exit
from tests.integration import observed
from tests.integration.observed import POSES, REFUSED_ID, REQUEST_ID, Observed, numbers

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/posegen.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
OURS = ("api", "worker-1", "simulator")
METRIC = re.compile(r"\bposegen_\w+")


@pytest.fixture(scope="module")
def seen() -> Iterator[Observed]:
    yield from observed.observed()


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [
        *(query.replace("$__rate_interval", "5m") for query in shown),
        *(rule["expr"] for rule in rules()),
    ]


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("program", OURS)
def test_every_line_of_ours_is_json(seen: Observed, program: str) -> None:
    lines = seen.lines(program)
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message"} <= line.keys()


def test_no_log_tells_a_secret_or_what_a_user_wrote(seen: Observed) -> None:
    assert {*OURS, "postgres", "temporal"} <= seen.logs.keys()
    found = [
        (program, name)
        for program, text in seen.logs.items()
        for name, secret in seen.secrets.items()
        if secret in text
    ]
    assert found == []


def test_a_request_can_be_followed_into_the_worker(seen: Observed) -> None:
    [order] = [line for line in seen.lines("api") if line.get("request_id") == REQUEST_ID]
    assert (order["method"], order["route"], order["status"]) == (
        "POST",
        "/api/apps/pose-generator/generate",
        202,
    )
    assert (order["user"], order["generation"]) == ("demo", seen.generation)
    assert order["duration_ms"] > 0
    [failure] = [line for line in seen.lines("worker-1") if line.get("code") == "PROVIDER_REJECTED"]
    assert failure["request_id"] == REQUEST_ID
    assert (failure["user"], failure["generation"]) == ("demo", seen.generation)
    assert failure["item"].startswith("item_")
    assert (failure["activity"], failure["attempt"]) == ("generate_image", 1)
    assert (failure["workflow"], failure["workflow_id"]) == ("GenerationWorkflow", seen.generation)
    assert failure["activity_id"]
    assert failure["run_id"]


def test_a_charge_can_be_followed_too(seen: Observed) -> None:
    """Though it is part of a workflow task."""
    [refused] = [line for line in seen.lines("worker-1") if line.get("code") == "INSUFFICIENT_CREDITS"]
    assert (refused["activity"], refused["user"], refused["request_id"]) == ("charge", "poor", REFUSED_ID)


def test_the_worker_counts_pictures_money_and_calls(seen: Observed) -> None:
    counted = numbers(seen.worker)
    assert counted["posegen_items_total", "OK", "completed", "fal"] == len(POSES) - 1
    assert counted["posegen_items_total", "PROVIDER_REJECTED", "failed", "fal"] == 1
    assert counted["posegen_credits_total", "charge"] == 30 * len(POSES)
    assert counted["posegen_credits_total", "refund"] == 30
    calls = "posegen_provider_call_duration_seconds_count"
    assert counted[calls, "OK", "fal"] == len(POSES) - 1
    assert counted[calls, "PROVIDER_REJECTED", "fal"] == 1
    assert counted["posegen_provider_calls_in_flight", "fal"] == 0


def test_the_api_shows_queues_and_that_the_ledger_is_sound(seen: Observed) -> None:
    shown = numbers(seen.api)
    for queue in ("pose-orchestration", "pose-flux", "pose-images", "pose-webhooks"):
        assert shown["posegen_task_queue_pollers", queue] == 1
        assert shown["posegen_task_queue_backlog_age_seconds", queue] >= 0
    assert {shown["posegen_ledger_imbalances", rule] for rule in ("balance", "price")} == {0}


def test_all_names_are_ours_and_no_label_is_a_users(seen: Observed) -> None:
    assert {name for name in seen.names if not name.startswith("posegen_")} == set()
    for text in (seen.api, seen.worker):
        assert not re.search(r'="(demo|gen_|item_|proj_)', text)


def test_whatever_dashboard_and_alerts_speak_of_is_really_told(seen: Observed) -> None:
    spoken_of = {name for query in queries() for name in METRIC.findall(query)}
    assert len(spoken_of) > 15
    assert spoken_of - seen.names == set()


@pytest.mark.parametrize("query", queries())
def test_queries_can_be_read(query: str) -> None:
    promql_parser.parse(query)


def test_alerts_are_complete() -> None:
    for rule in rules():
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_one_order_is_one_trace_from_the_request_to_the_provider(seen: Observed) -> None:
    spans = [(service, span) for service, span in seen.traces.spans()]
    [request] = [
        span
        for _, span in spans
        if span.name == "POST /api/apps/pose-generator/generate" and not failed(span)
    ]
    trace = [(service, span) for service, span in spans if span.trace_id == request.trace_id]
    named = Counter(f"{service} {span.name}" for service, span in trace)
    assert named["posegen-api StartUpdateWithStartWorkflow:GenerationWorkflow"] == 1
    assert named["posegen-worker RunWorkflow:GenerationWorkflow"] == 1
    for step in ("charge", "plan", "refund_item", "settle"):
        assert named[f"posegen-worker RunActivity:{step}"] == 1
    assert named["posegen-worker RunActivity:generate_image"] == len(POSES)
    assert named["posegen-worker provider fal"] == len(POSES)
    assert not any("Query" in name for name in named)
    known = {span.span_id for _, span in trace}
    assert [span.name for _, span in trace if span.parent_span_id not in known] == [request.name]
    calls = [span for _, span in trace if span.name == "provider fal"]
    assert [span.status.message for span in calls if failed(span)] == ["PROVIDER_REJECTED"]


def failed(span: Span) -> bool:
    return bool(span.status.code == Status.STATUS_CODE_ERROR) or any(
        each.key == "http.response.status_code" and each.value.int_value >= 400 for each in span.attributes
    )


def test_lines_name_their_trace_and_traces_tell_no_secret(seen: Observed) -> None:
    [order] = [line for line in seen.lines("api") if line.get("request_id") == REQUEST_ID]
    [failure] = [line for line in seen.lines("worker-1") if line.get("code") == "PROVIDER_REJECTED"]
    assert order["trace_id"] == failure["trace_id"]
    assert order["trace_id"] in {span.trace_id.hex() for _, span in seen.traces.spans()}
    told = b"".join(seen.traces.bodies)
    assert [name for name, secret in seen.secrets.items() if secret.encode() in told] == []


def test_a_process_without_a_collector_loads_no_exporter() -> None:
    look = "import cli.api, cli.worker, api.app, sys; print('opentelemetry.sdk' in sys.modules)"
    said = subprocess.run([sys.executable, "-P", "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.parametrize("command", ["api", "worker"])
def test_a_collector_without_the_extra_is_told_in_one_line(command: str) -> None:
    without = "import sys; sys.modules['telemetry.otel'] = None; import cli.main; cli.main.main()"
    environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    argv = [sys.executable, "-P", "-c", without, command]
    said = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert said.returncode == Exit.NOT_REACHABLE
    assert "pip install 'posegen[otel]'" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_taken_metrics_address_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment = os.environ | {"WORKER_METRICS_ADDRESS": f"127.0.0.1:{taken.getsockname()[1]}"}
        argv = [sys.executable, "-P", "-m", "cli.main", "worker"]
        said = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert said.returncode != 0
    assert "Set WORKER_METRICS_ADDRESS" in said.stderr
    assert "Traceback" not in said.stderr
