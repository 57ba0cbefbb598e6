"""The supervisor with tiny programs: what dies comes back, what is stopped is gone, nothing stays behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cli.up import ports, process
from cli.up.child import Service
from cli.up.process import Process
from cli.up.stack import Stack
from cli.up.supervisor import Supervisor
from schema.errors import Conflict, Unavailable
from tests.eventually import until

# Says it is up, and at its end that it was asked to go; killed or not, the file tells.
POLITE = """
import pathlib, signal, sys, time
journal, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def note(word):
    with journal.open("a") as file: file.write(f"{word} {name}\\n")
def leave(*_):
    note("asked"); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
note("up")
while True: time.sleep(60)
"""
DEAF = POLITE.replace('note("asked"); sys.exit(0)', "pass")


class Stage:
    """A supervisor, what its programs wrote, and the processes it recorded last."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal"
        self.journal.touch()
        self.recorded: list[Process] = []
        self.supervisor = Supervisor(folder / "logs", self._record)

    def _record(self, processes: list[Process]) -> None:
        self.recorded = processes

    def service(self, name: str, program: str = POLITE, *, stop_stage: int = 0) -> Service:
        async def ready() -> bool:
            return f"up {name}" in self.lines()

        argv = [sys.executable, "-c", program, str(self.journal), name]
        return Service(name, argv, ready, stop_stage=stop_stage, stop_timeout_s=2, start_timeout_s=20)

    def lines(self) -> list[str]:
        return self.journal.read_text().splitlines()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    yield made
    await made.supervisor.stop()


async def test_a_killed_program_comes_back_and_its_new_pid_is_recorded(stage: Stage) -> None:
    await stage.supervisor.start(lambda: stage.service("worker"))
    (first,) = stage.recorded
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: stage.lines() == ["up worker", "up worker"])
    (second,) = stage.recorded
    assert second.pid != first.pid
    assert process.is_alive(second)
    assert not process.is_alive(first)


def _has_lines(stage: Stage, count: int) -> bool:
    return len(stage.lines()) == count


async def test_it_comes_back_each_time(stage: Stage) -> None:
    await stage.supervisor.start(lambda: stage.service("worker"))
    for deaths in (1, 2, 3):
        os.kill(stage.recorded[0].pid, signal.SIGKILL)
        await until(partial(_has_lines, stage, deaths + 1))


async def test_what_a_killed_program_had_started_is_ended_before_it_comes_back(
    stage: Stage, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    parent = POLITE.replace(
        'note("up")',
        "import subprocess; child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(pids)!r}, 'a').write(f'{{child.pid}}\\n')\n"
        'note("up")',
    )
    await stage.supervisor.start(lambda: stage.service("worker", parent))
    grandchild = process.mark("sleep", int(pids.read_text()))
    assert process.is_alive(grandchild)
    os.kill(stage.recorded[0].pid, signal.SIGKILL)
    await until(lambda: not process.is_alive(grandchild))


async def test_stages_are_stopped_in_order_and_nobody_comes_back(stage: Stage) -> None:
    for name, place in (("postgres", 2), ("worker", 1), ("api", 0)):
        await stage.supervisor.start(partial(stage.service, name, stop_stage=place))
    await stage.supervisor.stop()
    assert stage.lines()[3:] == ["asked api", "asked worker", "asked postgres"]
    assert not any(map(process.is_alive, stage.recorded))


async def test_who_does_not_go_in_time_is_killed(stage: Stage) -> None:
    await stage.supervisor.start(lambda: stage.service("deaf", DEAF))
    await stage.supervisor.stop()
    assert not process.is_alive(stage.recorded[0])


async def test_in_a_hurry_nobody_is_waited_for(stage: Stage) -> None:
    service = stage.service("deaf", DEAF)
    await stage.supervisor.start(lambda: replace(service, stop_timeout_s=3600))
    stage.supervisor.hurry.set()
    await stage.supervisor.stop()
    assert not process.is_alive(stage.recorded[0])


async def test_a_program_that_ends_before_it_is_ready_is_shown_with_its_last_words(stage: Stage) -> None:
    with pytest.raises(Unavailable, match=r"(?s)api ended with exit code 3\. .*the database is not there"):
        await stage.supervisor.start(
            lambda: stage.service("api", "import sys; print('the database is not there'); sys.exit(3)")
        )


async def test_a_program_that_never_gets_ready_is_given_up_and_stopped(stage: Stage) -> None:
    async def never() -> bool:
        return False

    service = stage.service("api")
    with pytest.raises(Unavailable, match="api was not ready after 0 s"):
        await stage.supervisor.start(
            lambda: Service(service.name, service.argv, never, start_timeout_s=0.1, stop_timeout_s=2)
        )
    await stage.supervisor.stop()
    assert not process.is_alive(stage.recorded[0])


async def test_a_port_lost_between_choice_and_start_is_chosen_again(stage: Stage, tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    offered = [taken.getsockname()[1], ports.choose(0, "")]
    listen = "import socket, sys; socket.create_server(('127.0.0.1', PORT));" + POLITE

    def make() -> Service:
        port = offered.pop(0)
        service = stage.service("api", listen.replace("PORT", str(port)))
        return Service(service.name, service.argv, service.ready, ports=(port,))

    with taken:
        await stage.supervisor.start(make)
    assert offered == []
    assert stage.lines() == ["up api"]
    assert "Address already in use" in (tmp_path / "logs/api.log.1").read_text()


def test_a_taken_port_that_was_asked_for_names_the_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} is taken. Choose another one with --port"):
            ports.choose(port, "--port")


SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from cli.up.claim import claim
from cli.up.child import Service
from cli.up.supervisor import Supervisor
folder = Path(sys.argv[1])
async def ready(): return True
async def main(stack):
    supervisor = Supervisor(folder / "logs", stack.record)
    for name in ("temporal", "worker"):
        await supervisor.start(lambda: Service(name, ["sleep", "60"], ready))
    print("up", flush=True)
    await asyncio.Event().wait()
with claim(folder) as stack:
    asyncio.run(main(stack))
"""


def _killed_supervisor(folder: Path) -> list[Process]:
    """What a supervisor that was killed with -9 had recorded."""
    argv = [sys.executable, "-c", SUPERVISOR, str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "up\n"
        stack = Stack.last(folder)
        supervisor.kill()
    assert stack is not None
    return stack.processes


async def test_no_program_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    children = _killed_supervisor(tmp_path)
    assert [child.name for child in children] == ["temporal", "worker"]
    await until(lambda: not any(map(process.is_alive, children)))
