"""What `posegen doctor` finds, and its operator, who types what it says."""

import shlex
import subprocess
from typing import Any

from pydantic import SecretStr

from cli.doctor.command import look_over
from cli.doctor.examination import Finding, State
from cli.up import programs
from schema.settings import Settings

NOWHERE = "127.0.0.1:9"
GOOD_SECRET = SecretStr("a secret of the tests that is long enough to be one")


async def looked_over(settings: Settings, **changes: Any) -> dict[str, Finding]:
    """By the name of the check."""
    secret: dict[str, Any] = {
        name: SecretStr(changes.pop(name)) for name in ("database_url", "fal_key") if name in changes
    }
    changed = settings.model_copy(update={"jwt_secret": GOOD_SECRET, **changes, **secret})
    return {finding.check: finding for finding in await look_over(changed)}


def troubled(findings: dict[str, Finding], state: State = State.BROKEN) -> list[str]:
    return [name for name, finding in findings.items() if finding.state is state]


def by_the_operator(fix: str) -> None:
    """What doctor says to type, typed."""
    for command in fix.split(" && "):
        program, *words = shlex.split(command)
        assert program == "temporal"
        done = subprocess.run(
            [programs.temporal(), *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
