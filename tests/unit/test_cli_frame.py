"""`posegen`'s frame: exit codes that mean something, help that is quick because it loads nothing."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from cli import exit as way_out
from cli import main
from schema import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InsufficientCredits("no"), way_out.Exit.REFUSED),
        (errors.Unauthenticated("no"), way_out.Exit.REFUSED),
        (errors.QuotaExceeded("no"), way_out.Exit.REFUSED),
        (errors.ValidationFailed("no"), way_out.Exit.USAGE),
        (errors.Unavailable("no"), way_out.Exit.NOT_REACHABLE),
        (errors.NotFound("no"), way_out.Exit.FAILURE),
        (errors.BadImage("no"), way_out.Exit.FAILURE),
    ],
)
def test_a_known_failure_is_one_line_and_a_code(
    error: errors.PoseError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise error

    assert way_out.code_of(command) == code
    assert capsys.readouterr().err == "posegen: no\n"


def test_an_unknown_failure_shows_where_it_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert way_out.code_of(lambda: 1 / 0) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_server_that_does_not_answer_has_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        raise ConnectionRefusedError("nobody there")

    assert way_out.code_of(command) == way_out.Exit.NOT_REACHABLE
    assert "nobody there" in capsys.readouterr().err


def test_interruption_and_asked_codes_are_passed_on() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    assert way_out.code_of(interrupt) == 130
    assert way_out.code_of(lambda: sys.exit(5)) == way_out.Exit.AUDIT_FOUND
    assert way_out.code_of(lambda: None) == 0


def _posegen(*words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def test_output_is_whole_although_nothing_is_taken_down() -> None:
    program = textwrap.dedent("""
        import atexit
        from cli import exit
        atexit.register(print, "taken down")
        exit.run(lambda: print("x" * 100_000))
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "x" * 100_000 + "\n")


def test_help_lists_every_command() -> None:
    done = _posegen("--help")
    assert done.returncode == 0
    assert all(f" {name} " in done.stdout for name in main.COMMANDS)


def test_help_loads_no_command() -> None:
    program = "import sys; from cli import main\ntry: main.dispatch(['--help'])\nexcept SystemExit: pass\n"
    program += (
        "print([name for name in ('temporalio', 'sqlalchemy', 'fastapi', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_what_a_command_loads_is_never_looked_through_for_garbage() -> None:
    program = textwrap.dedent("""
        import gc
        from cli import main
        passes = sum(generation["collections"] for generation in gc.get_stats())
        try: main.dispatch(["worker", "--help"])
        except SystemExit: pass
        more = sum(generation["collections"] for generation in gc.get_stats()) - passes
        print(gc.isenabled(), gc.get_freeze_count() > 100_000, more < 100)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("True True True\n")


def test_without_a_bucket_no_client_of_buckets_is_loaded() -> None:
    program = "import sys, cli.api, cli.worker; print('minio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("words", [[], ["nonsense"], ["settings", "--nonsense"], ["up", "--port", "70000"]])
def test_wrong_usage_is_code_2(words: list[str]) -> None:
    assert _posegen(*words).returncode == 2


def test_settings_are_printed_without_their_secrets() -> None:
    secrets = {"FAL_KEY": "very-secret-key", "DATABASE_URL": "postgresql://u:very-secret@h/d"}
    for words in (["settings"], ["settings", "--json"]):
        done = _posegen(*words, environment={**secrets, "FLUX_CONCURRENCY": "7"})
        assert done.returncode == 0
        assert "very-secret" not in done.stdout
    assert json.loads(done.stdout)["FLUX_CONCURRENCY"] == 7


def test_wrong_settings_are_told_without_their_values() -> None:
    wrong = {"ENVIRONMENT": "production", "JWT_SECRET": "hunter2"}
    done = _posegen("settings", environment=wrong)
    assert done.returncode == 2
    assert "JWT_SECRET must be set" in done.stderr
    assert "hunter2" not in done.stderr


def test_a_folder_without_a_stack_is_told_with_the_way_to_start_one(tmp_path: object) -> None:
    done = _posegen("settings", "--data", str(tmp_path))
    assert done.returncode == 3
    assert (
        done.stderr
        == f"posegen: No running stack in {tmp_path}. Start one with: posegen up --data {tmp_path}\n"
    )
