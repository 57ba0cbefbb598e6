"""One stack in a data folder: claimed by one supervisor, cleaned of a killed one, found by other commands."""

import stat
import subprocess
from pathlib import Path

import pytest

from cli.up import pictures, process
from cli.up.claim import claim
from cli.up.process import Process
from cli.up.stack import Stack
from schema.errors import Conflict, Unavailable
from schema.settings import Settings


def _sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", "60"], start_new_session=True)


def _left_behind(folder: Path, *children: Process) -> None:
    """The record of a stack whose supervisor is dead, as on a system that ends no children."""
    Stack(
        data_dir=folder,
        supervisor=Process(name="posegen up", pid=1, started="long ago"),
        processes=[*children],
    ).save()


def test_what_a_killed_supervisor_left_behind_is_ended_at_the_next_start(tmp_path: Path) -> None:
    with _sleeper() as orphan:
        _left_behind(tmp_path, process.mark("temporal", orphan.pid))
        with claim(tmp_path):
            assert orphan.wait(10) < 0


def test_a_stranger_with_a_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    with _sleeper() as stranger:
        _left_behind(tmp_path, Process(name="temporal", pid=stranger.pid, started="before the last boot"))
        with claim(tmp_path):
            assert stranger.poll() is None
        stranger.kill()


def test_one_data_folder_has_one_stack(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(Conflict, match=r"runs on .* already"), claim(tmp_path):
        pass
    with claim(tmp_path):  # and is free again afterwards
        pass


def test_a_stopped_stack_is_forgotten_also_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), claim(tmp_path):
        raise RuntimeError
    assert Stack.last(tmp_path) is None


def test_other_commands_find_a_ready_stack_by_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with claim(tmp_path) as stack:
        with pytest.raises(Unavailable, match="still starting"):
            Stack.load(tmp_path)
        stack.database_url = "postgresql://posegen:p@127.0.0.1:1/posegen"
        stack.pictures = pictures.simulated("fal", "http://127.0.0.1:2")
        stack.api_url = "http://127.0.0.1:3"
        stack.temporal_address = "127.0.0.1:4"
        stack.ready = True
        stack.save()
        for name, value in Stack.load(tmp_path).environment().items():
            monkeypatch.setenv(name, value)
        settings = Settings()
        assert settings.database_url.get_secret_value() == stack.database_url
        assert settings.fal_queue_url == "http://127.0.0.1:2"
        assert settings.public_base_url == "http://127.0.0.1:3"
        assert settings.temporal_address == "127.0.0.1:4"
        assert settings.fal_allowed_hosts == ("127.0.0.1",)
        assert settings.storage_local_path == tmp_path / "files"
        assert settings.jwt_secret.get_secret_value() == stack.jwt_secret_path.read_text()
        assert len(settings.jwt_secret.get_secret_value()) >= 32
        for secret in ("stack.json", "jwt-secret"):
            assert stat.S_IMODE((tmp_path / secret).stat().st_mode) == 0o600
    with pytest.raises(Unavailable, match=f"No running stack in {tmp_path}"):
        Stack.load(tmp_path)


def test_a_stack_whose_supervisor_was_killed_is_not_running(tmp_path: Path) -> None:
    _left_behind(tmp_path)
    with pytest.raises(Unavailable, match="No running stack"):
        Stack.load(tmp_path)
