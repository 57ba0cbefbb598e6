"""How long lists, searches and text mode take among 100,000 poses, each derived from a shipped one.

A list of the API is asked for as its route asks for it: the page and the count. With `plans` behind the name
the query plans follow: `python -m bench.library plans`.
"""

import asyncio
import sys
import time
from collections.abc import Mapping

from bench.asking import measure, size
from cli import exit as way_out
from schema.kinds import Difficulty, Gender
from schema.queries import library, matching
from schema.queries.library import Sort, Wish
from tests.lists.questions import Ask
from tests.servers import postgres

POSES = 100_000

# Without the triggers, which would learn the same words a hundred thousand times.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO pose_library (
        id, name, description, category_id, keypoints, preview_image_key, reference_image_key,
        controlnet_image_key, thumbnail_key, difficulty, gender_suitability, tags, source_type, license_type,
        usage_count, favorite_count, rating_avg, popularity_score, is_public, is_featured, is_premium,
        created_at, updated_at)
    SELECT id || '_' || n, name || ', take ' || n, description, category_id, keypoints, preview_image_key,
           reference_image_key, controlnet_image_key, thumbnail_key, difficulty, gender_suitability, tags,
           'bench', license_type, used, used % 7, used % 5, used + 5 * (used % 7), random() < 0.98,
           is_featured AND n % 3 = 0, is_premium, created_at - n * interval '1 hour' * random(), updated_at
    FROM pose_library, generate_series(1, {rounds}) AS n,
         LATERAL (SELECT (1000 * random() ^ 4)::int + 0 * n AS used) AS use;
    SET session_replication_role = DEFAULT
"""

LISTS: Mapping[str, Wish] = {
    "all, by relevance": Wish(),
    **{f"all, by {sort}": Wish(sort=sort) for sort in Sort if sort is not Sort.RELEVANCE},
    "page 50, by popularity": Wish(sort=Sort.POPULAR, page=50),
    "a category with children": Wish(category="standing"),
    "a small category, by name": Wish(category="yoga", sort=Sort.NAME),
    "difficulty": Wish(difficulty=Difficulty.ADVANCED),
    "gender": Wish(gender=Gender.FEMALE),
    "featured": Wish(featured=True),
    "premium, newest": Wish(premium=True, sort=Sort.NEWEST),
    "category, difficulty, not premium": Wish(
        category="active", difficulty=Difficulty.INTERMEDIATE, premium=False, sort=Sort.POPULAR
    ),
    "a common tag": Wish(tags=("standing",)),
    "two rare tags": Wish(tags=("yoga", "ballet"), sort=Sort.NEWEST),
    "search: standing": Wish(search="standing"),
    "search: arms crossed": Wish(search="arms crossed"),
    "search: bersedekap": Wish(search="bersedekap"),
    "search: yoga tree, by name": Wish(search="yoga tree", sort=Sort.NAME),
    "search: stnading arms crosed": Wish(search="stnading arms crosed"),
    "search: standing, in a category": Wish(search="standing", category="fashion"),
    "search: standing zebra smiling yoga": Wish(search="standing zebra smiling yoga"),
    "search: xqzvw (nothing)": Wish(search="xqzvw"),
}
DESCRIBED = "a young woman standing with her arms crossed, looking left, in a modern studio"

ASKED: Mapping[str, Ask] = {
    **{name: lambda session, wish=wish: library.browse(session, wish) for name, wish in LISTS.items()},  # type: ignore[misc] # mypy cannot type a lambda's default
    "categories with counts": library.categories,
    "text mode": lambda session: matching.nearest(session, DESCRIBED),
}


def main() -> None:
    with postgres.serving() as server:
        databases = postgres.Databases(server["url"])
        with databases.fresh(template=postgres.SEEDED) as url:
            _fill(url)
            asyncio.run(measure(url, ASKED, plans="plans" in sys.argv))
        databases.close()


def _fill(url: str) -> None:
    started = time.perf_counter()
    with postgres.connect(url) as connection:
        shipped = connection.execute("SELECT count(*) FROM pose_library").fetchone()
        assert shipped is not None
        connection.execute(FILL.format(rounds=-(-POSES // shipped[0])).encode())
        connection.execute("VACUUM ANALYZE pose_library")
        print(
            f"{size(connection, 'pose_library')}, filled in {time.perf_counter() - started:.0f} s", flush=True
        )


if __name__ == "__main__":
    way_out.run(main)
