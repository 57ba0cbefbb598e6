"""The provider is paid once for each picture, and again only for what a blow or its own mischief explains.

The bound: one submission for each picture and each made background; besides, for each blow as many calls as
BLOWS says, and for each misbehaviour one.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tests.chaos.runner.blows import BLOWS
from tests.chaos.runner.facts import Facts, Struck, Submission

JUST_BEFORE_S: Final = 2.0
"""A call accepted so shortly before a blow may not have been heard of."""
FREE: Final = "cancel"
"""Mischief at this stage repeats nothing."""


def bound(facts: Facts) -> int:
    pictures = sum(row.total_expected_poses for row in facts.generations.values())
    blows = sum(BLOWS[struck.blow.kind].repeats(facts.fleet) for struck in facts.struck)
    mischief = sum(hit.stage != FREE for hit in facts.hits)
    return pictures + facts.made_backgrounds + blows + mischief


def paid_within_the_bound(facts: Facts) -> Iterator[str]:
    if len(facts.submissions) > bound(facts):
        yield f"{len(facts.submissions)} submissions, at most {bound(facts)} can be explained"


def repeats_have_a_reason(facts: Facts) -> Iterator[str]:
    """Of two submissions of one seed, something happened to the first."""
    by_seed: defaultdict[int, list[Submission]] = defaultdict(list)
    for submission in facts.submissions:
        by_seed[submission.seed].append(submission)
    for seed, all_of_it in by_seed.items():
        for first, second in pairwise(sorted(all_of_it, key=lambda each: each.at)):
            if not _explained(facts, first, second):
                yield f"seed {seed} was submitted at {first.at:.2f} and, for no reason, at {second.at:.2f}"


def _explained(facts: Facts, first: Submission, second: Submission) -> bool:
    hit = any(hit.seed == first.seed and first.at - 1 <= hit.at <= second.at for hit in facts.hits)
    return hit or any(_touches(struck, facts, first, second) for struck in facts.struck)


def _touches(struck: Struck, facts: Facts, first: Submission, second: Submission) -> bool:
    costs = BLOWS[struck.blow.kind].repeats(facts.fleet) > 0
    return costs and struck.began <= second.at and first.at - JUST_BEFORE_S <= struck.ended
