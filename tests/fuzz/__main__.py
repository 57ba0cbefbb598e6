"""`make fuzz`: the whole product under fuzz, by a user, by an administrator and by somebody without a token.

ARGS are options of `schemathesis run`; without any it takes about twenty minutes.
"""

import asyncio
import subprocess
import sys

from tests.fuzz.fuzzing import Verdict, fuzz
from tests.servers.up import Up, posegen_up

USUAL = ("--max-time", "400")
CREDITS = 20_000


def main() -> int:
    with posegen_up("--latency", "0.1", RATE_LIMIT_REQUESTS_PER_MINUTE="0") as up:
        verdicts = [visit(up, "ann"), visit(up, "root", "--admin"), visit(up, "eve", signed_in=False)]
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def visit(up: Up, user: str, *role: str, signed_in: bool = True) -> Verdict:
    token = said(up, "token", "--user", user, *role, "--ttl", "7d")
    said(up, "credits", "grant", user, str(CREDITS))
    options = sys.argv[1:] or USUAL
    verdict = asyncio.run(fuzz(up.stack.api_url, token, *options, signed_in=signed_in))
    print(verdict.report)  # noqa: T201 - it is the result
    return verdict


def said(up: Up, *words: str) -> str:
    argv = [sys.executable, "-P", "-m", "cli.main", *words, "--data", str(up.data)]
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
