"""How many lots the property tests of money draw: few by default, many with
`--hypothesis-profile=long --timeout=900`, and more than anybody waits for with `make ledger`.

The few are the same each time, so a failure comes from what was changed; the many are new each time.
Each logs the seed it was drawn by; with POSEGEN_SEED set to it, the same is drawn again.
"""

import logging
import os
import random

from hypothesis import settings

LONG_EXAMPLES = 200
ENDLESS_EXAMPLES = 1000
SEED = 5
settings.register_profile("long", max_examples=LONG_EXAMPLES, stateful_step_count=60)
settings.register_profile("endless", max_examples=ENDLESS_EXAMPLES, stateful_step_count=120)

log = logging.getLogger(__name__)


def many() -> bool:
    return settings().max_examples in (LONG_EXAMPLES, ENDLESS_EXAMPLES)


def drawn(few: int) -> settings:
    """As many as the command line asks for, or few."""
    asked = settings()
    if not many():
        asked = settings(asked, max_examples=few, stateful_step_count=25)
    return settings(asked, deadline=None, database=None)


def new_seed() -> int:
    usual = random.SystemRandom().randrange(2**32) if many() else SEED
    seed = int(os.environ.get("POSEGEN_SEED") or usual)
    log.warning("POSEGEN_SEED=%d", seed)
    return seed
