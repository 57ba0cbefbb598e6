"""A real `posegen up` that made an order with a failure, and everything that its processes told of it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from httpx_sse import connect_sse
from prometheus_client.parser import text_string_to_metric_families as parsed

from api.app import PREFIX
from tests.servers.collector import Collected, collecting
from tests.servers.up import Up, posegen_up

REQUEST_ID, REFUSED_ID = "traced-request-1", "refused-request-1"
PROMPT = "in a canary-yellow batik shirt"
UNUSED_KEY = "fal-canary-key:0123456789"
POSES = ("pose_arms_crossed", "pose_badminton_smash", "pose_bali_agem")
NOBODY_LISTENS = "http://127.0.0.1:9/hook"
WITHIN_S = 30
Numbers = dict[tuple[str, ...], float]


@dataclass
class Observed:
    generation: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    api: str = ""
    worker: str = ""
    logs: dict[str, str] = field(default_factory=dict)
    traces: Collected = field(default_factory=Collected)

    def lines(self, program: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logs[program].splitlines()]

    @property
    def names(self) -> set[str]:
        return {key[0] for key in (*numbers(self.api), *numbers(self.worker))}


def numbers(text: str) -> Numbers:
    """By name and labels, these in the order of their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parsed(text)
        for sample in family.samples
    }


def observed() -> Iterator[Observed]:
    """At the most talkative level, where most could slip out."""
    seen = Observed()
    talk = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    with collecting() as traces:
        sent = {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.url}
        with posegen_up("--latency", "0.1", FAL_KEY=UNUSED_KEY, **talk, **sent) as up:
            _visit(up, seen)
            up.stop()
            seen.logs = {log.stem: log.read_text() for log in up.logs}
    seen.traces = traces
    yield seen


def _visit(up: Up, seen: Observed) -> None:
    token = str(re.search(r"#token=(\S+)", up.announced)[1])  # type: ignore[index]  # it is announced
    seen.secrets |= {
        "token": token,
        "prompt": PROMPT,
        "unused key": UNUSED_KEY,
        "jwt secret": up.stack.jwt_secret_path.read_text(),
        "database password": str(urlsplit(up.stack.database_url).password),
    }
    url, headers = up.stack.api_url, {"Authorization": f"Bearer {token}"}
    poor = jwt.encode({"sub": "poor", "exp": 2**31}, seen.secrets["jwt secret"])
    with httpx.Client(base_url=url + PREFIX, headers={"Authorization": f"Bearer {poor}"}) as user:
        answer = user.post("/generate", json=_wanted(user), headers={"X-Request-Id": REFUSED_ID})
        assert answer.status_code == 402
    with httpx.Client(base_url=url + PREFIX, headers=headers, timeout=30) as user:
        _order(user, up.stack.simulator_url, seen)
        _look(user, seen)
        with httpx.Client(timeout=30) as prometheus:
            worker = up.stack.worker_metrics["worker-1"]
            seen.worker = _scraped(prometheus, worker, _has("posegen_webhook_attempts_total"))
            seen.api = _scraped(prometheus, f"{url}/metrics", _has_looked)


def _order(user: httpx.Client, simulator_url: str, seen: Observed) -> None:
    seen.secrets["webhook secret"] = _good(user.post("/webhooks/secret")).json()["secret"]
    fault = {"kind": "error_422", "count": 1}
    _good(httpx.post(f"{simulator_url}/_sim/faults", json=[fault]))
    order = _wanted(user) | {"webhookUrl": NOBODY_LISTENS}
    refused = user.post("/generate", json=order | {"prompt": PROMPT * 40})
    assert refused.status_code == 400
    answer = _good(user.post("/generate", json=order, headers={"X-Request-Id": REQUEST_ID}))
    seen.generation = answer.json()["generationId"]


def _wanted(user: httpx.Client) -> dict[str, Any]:
    folder = {"projectName": "observed", "avatarSource": "AVATAR_CREATOR"}
    return {
        "projectId": _good(user.post("/projects", json=folder)).json()["project"]["id"],
        "generationType": "GALLERY_REFERENCE",
        "selectedPoseIds": POSES,
        "batchSize": 1,
        "prompt": PROMPT,
    }


def _look(user: httpx.Client, seen: Observed) -> None:
    """By every kind of link that opens something by itself."""
    of = f"/generations/{seen.generation}"
    ticket = _good(user.post(f"{of}/events/ticket")).json()["ticket"]
    with connect_sse(user, "GET", f"{of}/events", params={"ticket": ticket}) as source:
        types = [event.event for event in source.iter_sse()]
    assert types[-1] == "completed"
    results = _good(user.get(f"{of}/results")).json()["results"]
    address = next(result["outputImageUrl"] for result in results if result["outputImageUrl"])
    _good(httpx.get(address))
    share = _good(user.post(f"{of}/share")).json()
    _good(httpx.get(share["url"]))
    _good(user.get(f"/shared/{share['token']}"))
    signature = parse_qs(urlsplit(address).query)["sig"][0]
    seen.secrets |= {"ticket": ticket, "signature": signature, "share": share["token"]}


def _has(name: str) -> Callable[[Numbers], bool]:
    return lambda shown: any(key[0] == name for key in shown)


def _has_looked(shown: Numbers) -> bool:
    """Since the worker began: a first look may have come before it."""
    polled = [value for key, value in shown.items() if key[0] == "posegen_task_queue_pollers"]
    return _has("posegen_ledger_imbalances")(shown) and bool(polled) and all(polled)


def _scraped(prometheus: httpx.Client, url: str, ready: Callable[[Numbers], bool]) -> str:
    deadline = time.monotonic() + WITHIN_S
    while True:
        text = _good(prometheus.get(url)).text
        if ready(numbers(text)):
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.2)


def _good(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, f"{answer.request.url}: {answer.text}"
    return answer
