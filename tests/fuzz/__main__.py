"""`make fuzz`: the whole product under fuzz, by a user and by an administrator, for as long as one likes.

ARGS are options of `schemathesis run`; without any it takes about twenty minutes.
"""

import asyncio
import subprocess
import sys

from tests.fuzz.fuzzing import Verdict, fuzz
from tests.servers.up import Up, posegen_up

USUAL = ("--max-time", "600")
CREDITS = 20_000
WHO = {"ann": (), "root": ("--admin",)}


def main() -> int:
    with posegen_up("--latency", "0.1", RATE_LIMIT_REQUESTS_PER_MINUTE="0") as up:
        verdicts = [visit(up, user, *role) for user, role in WHO.items()]
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def visit(up: Up, user: str, *role: str) -> Verdict:
    token = said(up, "token", "--user", user, *role, "--ttl", "7d")
    said(up, "credits", "grant", user, str(CREDITS))
    verdict = asyncio.run(fuzz(up.stack.api_url, token, *(sys.argv[1:] or USUAL)))
    print(verdict.report)  # noqa: T201 - it is the result
    return verdict


def said(up: Up, *words: str) -> str:
    argv = [sys.executable, "-P", "-m", "cli.main", *words, "--data", str(up.data)]
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
