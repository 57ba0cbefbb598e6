"""The programs of the stack: how each is run, what says that it is ready, when it is stopped."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from adapters.http import authorities
from cli.up import files, pictures, ports, postgres, temporal
from cli.up.child import Service
from cli.up.cluster import Cluster
from cli.up.stack import Stack
from schema.settings import Settings
from workflows import names

API, WORKER, SIMULATOR, TEMPORAL, POSTGRES = range(5)  # stages of the stop: who is asked first
PROBE_TIMEOUT_S = 2
JOURNAL = "simulator.jsonl"
"""What the simulated provider would have billed since this start."""
REQUESTS_PER_MINUTE = 6000
PYTHON = (sys.executable, "-P", "-m")  # -P: a folder named `api` where the user stands is not ours


@dataclass(frozen=True)
class Options:
    data: Path
    port: int
    temporal_port: int
    ui_port: int
    latency_s: float
    workers: int
    programs_at: Path | None
    simulator: bool = False
    """Wanted even where a real provider is configured."""


class Services:
    """Makes each service with ports that are free now and writes them into the stack."""

    def __init__(self, stack: Stack, options: Options) -> None:
        self._stack = stack
        self._options = options
        # Before anything runs: links to the API are made from the start, and a taken port is told at once.
        self._port = ports.choose(options.port, "--port")
        stack.api_url = f"http://{ports.HOST}:{self._port}"
        ports.choose(options.temporal_port, "--temporal-port")
        ports.choose(options.ui_port, "--ui-port")
        self.settings = Settings()
        self.simulated = options.simulator or not pictures.real(self.settings)
        stack.pictures = {} if self.simulated else pictures.own(self.settings)
        self.sealed = self.settings.payload_keys is not None
        self._codec_port = ports.kept(stack.data_dir / "codec-port") if self.sealed else 0

    def postgres(self, cluster: Cluster) -> Service:
        port = ports.choose(0, "")
        self._stack.database_url = url = cluster.url(port)
        return Service(
            "postgres",
            cluster.argv(port),
            ready=lambda: asyncio.to_thread(postgres.accepts, url),
            ports=(port,),
            cwd=cluster.home,
            user=cluster.user_name,
            death_signal=signal.SIGINT,
            stop_signal=signal.SIGINT,
            stop_stage=POSTGRES,
        )

    def temporal(self) -> Service:
        port = ports.choose(self._options.temporal_port, "--temporal-port")
        ui_port = ports.choose(self._options.ui_port, "--ui-port")
        self._stack.temporal_address = f"{ports.HOST}:{port}"
        self._stack.temporal_ui_url = f"http://{ports.HOST}:{ui_port}"
        return Service(
            "temporal",
            temporal.argv(
                self._stack.data_dir / "temporal.db",
                port,
                ui_port,
                self._codec_url,
                self.settings.log_format,
            ),
            ready=_answers(temporal.namespace_url(self._stack.temporal_ui_url)),
            ports=(port, ui_port),
            stop_stage=TEMPORAL,
        )

    def simulator(self) -> Service:
        """Always on its old port: running generations hold URLs of it, and ask there after any restart."""
        port = ports.kept(self._stack.data_dir / "simulator-port")
        self._stack.simulator_url = url = f"http://{ports.HOST}:{port}"
        self._stack.pictures = pictures.simulated(self.settings.flux_provider, url)
        latency = ("--latency-s", str(self._options.latency_s))
        journal = files.rotated(self._stack.data_dir / JOURNAL)
        return Service(
            "simulator",
            [*PYTHON, "simulator", "--port", str(port), *latency, "--journal", str(journal)],
            ready=_answers(url, any_status=True),
            ports=(port,),
            stop_stage=SIMULATOR,
        )

    def codec(self) -> Service:
        """For the UI, which has no sign-in here: whoever can open the UI is told the secret address."""
        return Service(
            "codec",
            [*PYTHON, "cli.main", "codec-server", "--port", str(self._codec_port)],
            ready=_answers(f"http://{ports.HOST}:{self._codec_port}/livez"),
            ports=(self._codec_port,),
            environment=self._stack.environment() | {"CODEC_SECRET": self._codec_secret},
            stop_stage=API,
        )

    @property
    def _codec_secret(self) -> str:
        return files.secret(self._stack.data_dir / "codec-secret")

    @property
    def _codec_url(self) -> str:
        return f"http://{ports.HOST}:{self._codec_port}/{self._codec_secret}" if self.sealed else ""

    def worker(self, number: int) -> Service:
        name, shown_at = f"worker-{number}", f"{ports.HOST}:{(port := ports.choose(0, ''))}"
        self._stack.worker_metrics[name] = f"http://{shown_at}/metrics"
        pollers = temporal.queue_url(self._stack.temporal_ui_url, names.ORCHESTRATION)
        return Service(
            name,
            # No other worker of this stack lives: what is pinned to older code has nobody else.
            [*PYTHON, "cli.main", "worker", *(["--take-over"] if self.settings.worker_versioning else [])],
            ready=_answers(pollers, with_entries="pollers"),
            ports=(port,),
            environment=self._stack.environment() | {"WORKER_METRICS_ADDRESS": shown_at},
            stop_stage=WORKER,
        )

    def api(self) -> Service:
        port = ports.choose(self._port, "--port")
        return Service(
            "api",
            [*PYTHON, "cli.main", "api", "--port", str(port)],
            ready=_answers(f"{self._stack.api_url}/readyz"),
            ports=(port,),
            environment=_generous() | self._stack.environment(),
            stop_stage=API,
        )


def _generous() -> dict[str, str]:
    """Here everybody comes from one address: page, scripts and measurements. Whoever sets a limit gets it."""
    if "rate_limit_requests_per_minute" in Settings().model_fields_set:
        return {}
    return {"RATE_LIMIT_REQUESTS_PER_MINUTE": str(REQUESTS_PER_MINUTE)}


def _answers(
    url: str, *, any_status: bool = False, with_entries: str | None = None
) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(
                timeout=PROBE_TIMEOUT_S, trust_env=False, verify=authorities()
            ) as client:
                answer = await client.get(url)
        except httpx.TransportError:
            return False
        good = any_status or answer.is_success
        return good and (with_entries is None or bool(answer.json().get(with_entries)))

    return ready
