"""The commands of `posegen` against a running stack, as somebody at a terminal uses them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from cli.up import programs
from tests.servers.up import Up

Posegen = Callable[..., "subprocess.CompletedProcess[str]"]
TIMEOUT_S = 60


@pytest.fixture
def posegen(up: Up) -> Posegen:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-P", "-m", "cli.main", *words, "--data", str(up.data)]
        return subprocess.run(
            argv, cwd=up.home, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )

    return run


def test_generate_follows_to_the_links(posegen: Posegen) -> None:
    done = posegen("generate", "--poses", "2", "--formats", "instagram_story,shopee")
    assert done.returncode == 0, done.stderr
    assert "completed: 2 delivered, 0 credits refunded" in done.stdout
    assert done.stdout.count("/files/generated/") == 2
    assert done.stdout.count("instagram_story  http") == 2
    assert done.stdout.count("shopee_product  http") == 2


def test_generate_and_watch_speak_json(posegen: Posegen) -> None:
    started = posegen("generate", "--pose", "pose_arms_crossed", "--no-follow", "--json")
    generation = json.loads(started.stdout)["generationId"]
    watched = posegen("watch", generation, "--json")
    assert watched.returncode == 0, watched.stderr
    events = [json.loads(line) for line in watched.stdout.splitlines()]
    assert (events[0]["type"], events[-1]["type"]) == ("snapshot", "completed")
    again = posegen("watch", generation)
    assert "completed: 1 delivered" in again.stdout


def test_a_terminated_generation_is_found_and_settled(posegen: Posegen, up: Up) -> None:
    """As an operator would: terminate it by the Temporal CLI, look, reconcile, look again."""
    started = posegen("generate", "--poses", "40", "--no-follow", "--json")
    generation = json.loads(started.stdout)["generationId"]
    terminate = [str(programs.temporal()), "workflow", "terminate", "--workflow-id", generation]
    address = ["--address", up.stack.temporal_address]
    subprocess.run([*terminate, *address], check=True, capture_output=True, timeout=TIMEOUT_S)
    audited = posegen("audit")
    assert audited.returncode == 5
    finding = "an unsettled generation has a running workflow"
    assert f"{finding}: {generation}: its workflow is stopped" in audited.stdout
    deadline = time.monotonic() + TIMEOUT_S
    named: list[str] = []
    while generation not in named and time.monotonic() < deadline:
        done = posegen("reconcile", "--json")
        assert done.returncode == 0, done.stderr
        named = json.loads(done.stdout)["named"]
    assert generation in named
    assert generation not in posegen("audit").stdout
    watched = posegen("watch", generation, "--json").stdout.splitlines()
    last = json.loads(watched[-1])
    assert (last["completed"] + last["failed"], last["creditRefunded"]) == (40, 30 * last["failed"])
    assert "Asked Temporal about" in posegen("reconcile").stdout


def test_the_same_key_is_one_generation(posegen: Posegen) -> None:
    words = ("generate", "--poses", "1", "--seed", "3", "--key", "k", "--no-follow", "--json")
    ids = {json.loads(posegen(*words).stdout)["generationId"] for _ in range(2)}
    assert len(ids) == 1


def test_credits_open_the_door(posegen: Posegen) -> None:
    refused = posegen("generate", "--poses", "1", "--user", "newcomer")
    assert refused.returncode == 4
    assert "Insufficient credits. Required: 30, Available: 0" in refused.stderr
    for _ in range(2):
        granted = posegen("credits", "grant", "newcomer", "30", "--key", "welcome", "--json")
        assert json.loads(granted.stdout) == {"userId": "newcomer", "balance": 30}
    assert posegen("generate", "--poses", "1", "--user", "newcomer").returncode == 0


def test_mistakes_are_said_in_a_line(posegen: Posegen) -> None:
    unknown = posegen("watch", "gen_none")
    assert unknown.returncode == 1
    assert unknown.stderr.strip() == "posegen: There is no generation gen_none."
    wrong = posegen("generate", "--poses", "1", "--formats", "papyrus")
    assert wrong.returncode == 2
    assert "papyrus" in wrong.stderr
    assert posegen("token", "--user", "x", "--ttl", "soon").returncode == 2


def test_the_audit_names_what_does_not_agree(posegen: Posegen, up: Up) -> None:
    assert posegen("audit").returncode == 0
    with psycopg.connect(up.stack.database_url, autocommit=True) as database:
        database.execute("ALTER TABLE users DISABLE TRIGGER USER")
        try:
            database.execute("UPDATE users SET balance_credits = balance_credits + 1 WHERE id = 'demo'")
            broken = posegen("audit", "--json")
        finally:
            database.execute("UPDATE users SET balance_credits = balance_credits - 1 WHERE id = 'demo'")
            database.execute("ALTER TABLE users ENABLE TRIGGER USER")
    assert broken.returncode == 5
    findings = json.loads(broken.stdout)["findings"]
    assert [finding["subject"] for finding in findings] == ["demo"]
    assert posegen("audit").returncode == 0


def test_the_doctor_finds_a_running_stack_in_order_and_says_what_it_stands_on(
    posegen: Posegen, up: Up
) -> None:
    done = posegen("doctor")
    assert done.returncode == 0, done.stdout
    assert f" at {up.stack.temporal_address}" in done.stdout
    assert "pose-flux 1 pollers" in done.stdout
    assert f"fal: {up.stack.simulator_url} accepts the key" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Nothing is broken")  # other tests' failures are a warning


def test_the_stack_of_this_folder_is_meant_when_nothing_else_is_said(up: Up) -> None:
    usual = up.home / ".posegen"
    usual.symlink_to(up.data)
    argv = [sys.executable, "-P", "-m", "cli.main", "generate", "--poses", "1"]
    try:
        done = subprocess.run(
            argv, cwd=up.home, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    finally:
        usual.unlink()
    assert done.returncode == 0, done.stderr
    assert "completed: 1 delivered" in done.stdout


def test_without_a_stack_there_is_a_hint(tmp_path: Path) -> None:
    argv = [sys.executable, "-P", "-m", "cli.main", "audit", "--data", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 3
    assert f"posegen up --data {tmp_path}" in done.stderr
