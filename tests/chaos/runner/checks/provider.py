"""The provider is paid once for each picture, and again only for what a blow or its own mischief explains.

The bound: one submission for each picture and each made background; besides, for each blow as many calls as
BLOWS says, but no more than were under way, and for each misbehaviour one.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from schema import ids
from tests.chaos.runner.blows import BLOWS
from tests.chaos.runner.facts import Facts, Struck, Submission
from workflows.policies import MAXIMUM_SEEDS

JUST_BEFORE_S: Final = 2.0
"""A call accepted so shortly before a blow may not have been heard of."""
BACK_WITHIN_S: Final = 5.0
"""What was killed is up again; until then, workers go on with what they had been given."""
BACKDROP_S: Final = 60.0
"""A made background has no row that tells when it was there."""
FREE: Final = "cancel"
"""Mischief at this stage repeats nothing."""


def bound(facts: Facts) -> int:
    pictures = sum(row.total_expected_poses for row in facts.generations.values())
    return pictures + facts.made_backgrounds + repeats_allowed(facts)


def repeats_allowed(facts: Facts) -> int:
    spans = _spans(facts)
    blows = sum(min(_most(facts, struck), _under_way(spans, struck)) for struck in facts.struck)
    return blows + sum(hit.stage != FREE for hit in facts.hits)


def repeats(facts: Facts) -> int:
    return len(facts.submissions) - len({submission.seed for submission in facts.submissions})


def paid_within_the_bound(facts: Facts) -> Iterator[str]:
    if len(facts.submissions) > bound(facts):
        yield f"{len(facts.submissions)} submissions, at most {bound(facts)} can be explained"
    if repeats(facts) > repeats_allowed(facts):
        yield f"{repeats(facts)} submissions again, at most {repeats_allowed(facts)} can be explained"


def repeats_have_a_reason(facts: Facts) -> Iterator[str]:
    """Of two submissions of one seed, something happened to the first."""
    for seed, all_of_it in _by_seed(facts).items():
        for first, second in pairwise(all_of_it):
            if not _explained(facts, first, second):
                yield f"seed {seed} was submitted at {first.at:.2f} and, for no reason, at {second.at:.2f}"


def _most(facts: Facts, struck: Struck) -> int:
    return BLOWS[struck.blow.kind].repeats(facts.fleet)


def _by_seed(facts: Facts) -> dict[int, list[Submission]]:
    found: defaultdict[int, list[Submission]] = defaultdict(list)
    for submission in sorted(facts.submissions, key=lambda each: each.at):
        found[submission.seed].append(submission)
    return found


def _spans(facts: Facts) -> list[tuple[float, float]]:
    """From when on the provider had each picture, and until when it may have been asked for it again."""
    fates = {
        ids.item_seed(facts.generations[item.generation_id].seed, item.index, attempt): item.created_at
        for item in facts.items
        for attempt in range(MAXIMUM_SEEDS)
    }
    return [
        (first.at, fates[seed].timestamp() if seed in fates else first.at + BACKDROP_S)
        for seed, (first, *_) in _by_seed(facts).items()
    ]


def _under_way(spans: list[tuple[float, float]], struck: Struck) -> int:
    return sum(began <= struck.ended + BACK_WITHIN_S and ended >= struck.began for began, ended in spans)


def _explained(facts: Facts, first: Submission, second: Submission) -> bool:
    hit = any(hit.seed == first.seed and first.at - 1 <= hit.at <= second.at for hit in facts.hits)
    return hit or any(_touches(struck, facts, first, second) for struck in facts.struck)


def _touches(struck: Struck, facts: Facts, first: Submission, second: Submission) -> bool:
    costs = _most(facts, struck) > 0
    return costs and struck.began <= second.at and first.at - JUST_BEFORE_S <= struck.ended
