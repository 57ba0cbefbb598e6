"""`make chaos ARGS='--seed N --minutes M'`: one run, its report, and exit code 1 for violations."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.runner import plan, report, run, stage, verdict
from tests.servers.up import posegen_up


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description="Kills everything while customers order.")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="of an earlier run, to repeat it"
    )
    parser.add_argument("--minutes", type=float, default=2, help="of storm; settling comes after it")
    parser.add_argument(
        "--provider", choices=plan.STAGES, default="fal", help="as which the simulator speaks"
    )
    given = parser.parse_args()
    again = f"--seed {given.seed} --minutes {given.minutes:g} --provider {given.provider}"
    print(f"make chaos ARGS='{again}'", flush=True)
    drawn = plan.drawn(given.seed, given.minutes, stage.FLEET.workers, given.provider)
    with posegen_up(*stage.OPTIONS, **stage.environment(drawn)) as up:
        facts = asyncio.run(run.run(up, drawn))
        found = verdict.violations(facts)
        kept = _kept(up.data / "logs", given.seed) if found else None
    print(report.full(drawn, facts, found))
    if kept:
        print(f"The logs are in {kept}")
    return bool(found)


def _kept(logs: Path, seed: int) -> Path:
    target = Path(tempfile.mkdtemp(prefix=f"posegen-chaos-{seed}-"))
    return Path(shutil.copytree(logs, target / "logs"))


if __name__ == "__main__":
    sys.exit(main())
