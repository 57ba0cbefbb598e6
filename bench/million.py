"""How long every list and count takes for the busiest user and for the operator, among a million pictures.

With `plans` behind the name the query plans follow: `python -m bench.million plans`.
"""

import asyncio
import sys
import time

from bench.asking import measure, size
from cli import exit as way_out
from tests.lists import year
from tests.lists.questions import OF_EVERYBODY, of_generation, of_user
from tests.lists.year import BUSIEST
from tests.servers import postgres

GENERATIONS = 50_000
TABLES = ("generated_poses", "pose_generations", "credits", "user_days", "user_poses")


def main() -> None:
    with postgres.serving() as server:
        databases = postgres.Databases(server["url"])
        with databases.fresh(template=postgres.SEEDED) as url:
            largest = _filled(url)
            asked = {**of_user(BUSIEST), **of_generation(BUSIEST, largest), **OF_EVERYBODY}
            asyncio.run(measure(url, asked, plans="plans" in sys.argv))
        databases.close()


def _filled(url: str) -> str:
    """The busiest user's largest generation."""
    started = time.perf_counter()
    year.fill(url, GENERATIONS)
    with postgres.connect(url) as connection:
        sizes = ", ".join(size(connection, table) for table in TABLES)
        print(f"{sizes}, filled in {time.perf_counter() - started:.0f} s", flush=True)
        return year.largest(connection, BUSIEST)


if __name__ == "__main__":
    way_out.run(main)
