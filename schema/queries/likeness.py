"""How well a pose's words fit a description, 0..1: by concepts, by those that stand together, by the name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from schema.queries import wording
from schema.vocabulary import CLUTTER, FILLERS

COVERAGE, TOGETHER, FOCUS = 0.65, 0.2, 0.15
"""Of the description what the pose has, of its pairs of words; of the pose's name what was asked for."""
IN_NAME, IN_TAGS, IN_DESCRIPTION = 1.0, 0.95, 0.85
CLUTTERED = 0.1
UNKNOWN_ACTION, UNKNOWN = 0.5, 0.3
"""A word that the library does not have counts against every pose: `surfing` more than `temple`."""
NEAR = 3
"""Words so far apart still belong together: stands with both arms loosely crossed."""

Pair = frozenset[str]


@dataclass(frozen=True)
class Term:
    concept: str
    weight: float
    weight_unknown: float


def terms(words: Sequence[str]) -> list[Term]:
    found = {concept: _term(word, concept) for word in words for concept in _meant(word)}
    return list(found.values())


def _meant(word: str) -> tuple[str, ...]:
    return () if word in FILLERS else wording.meanings(word)


def _term(word: str, concept: str) -> Term:
    if word in CLUTTER:
        return Term(concept, CLUTTERED, 0.0)
    return Term(concept, 1.0, UNKNOWN_ACTION if word.endswith("ing") else UNKNOWN)


def pairs(words: Sequence[str]) -> set[Pair]:
    told = [_meant(word) for word in words if word not in CLUTTER and _meant(word)]
    return set(_pairs(told))


def _pairs(told: Sequence[tuple[str, ...]]) -> Iterator[Pair]:
    for place, first in enumerate(told):
        yield from map(frozenset, combinations(first, 2))
        for second in told[place + 1 : place + 1 + NEAR]:
            yield from (frozenset(both) for both in product(first, second) if both[0] != both[1])


@dataclass(frozen=True)
class Wish:
    terms: Sequence[Term]
    pairs: set[Pair]
    worths: Mapping[str, float]
    """Of each concept that the library has: the rarer, the more."""
    rarest: float
    """What a concept would be worth that one pose has."""

    def likeness(self, name: str, tags: Iterable[str], description: str) -> float:
        parts = [(IN_DESCRIPTION, description), *((IN_TAGS, tag) for tag in tags), (IN_NAME, name)]
        split = [(place, wording.words_of(said)) for place, said in parts]
        where = {concept: place for place, words in split for concept in wording.concepts(words)}
        together = set().union(*(pairs(words) for _, words in split))
        return (
            COVERAGE * self._coverage(where)
            + TOGETHER * self._together(together)
            + FOCUS * self._focus(wording.concepts(split[-1][1]))
        )

    def _coverage(self, where: Mapping[str, float]) -> float:
        wanted = found = 0.0
        for term in self.terms:
            worth = self.worths.get(term.concept)
            wanted += self.rarest * term.weight_unknown if worth is None else worth * term.weight
            found += (worth or 0.0) * term.weight * where.get(term.concept, 0.0)
        return found / wanted if wanted else 0.0

    def _together(self, pose: set[Pair]) -> float:
        """Each pair counts as its rarer half."""
        worth = {pair: max(self.worths.get(concept, 0.0) for concept in pair) for pair in self.pairs}
        whole = sum(worth.values())
        return sum(worth[pair] for pair in self.pairs & pose) / whole if whole else 1.0

    def _focus(self, name: Sequence[str]) -> float:
        return sum(concept in self.worths for concept in name) / len(name) if name else 0.0
