"""When to misbehave: rules, kept in the order given; the first that fits an occasion is used up by it."""

from collections.abc import Callable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from starlette.responses import Response

from simulator.faults.outcomes import GOOD, OUTCOMES, Outcome
from simulator.faults.replies import FOREIGN_URL, REPLIES, Answer, Stage
from simulator.faults.wording import Wording, detail
from simulator.job import Submission

KINDS = sorted([*REPLIES, *OUTCOMES])
Note = Callable[[str, Stage, Submission], None]
"""Told of every rule that was used: its kind, where, and upon which submission."""


class Match(BaseModel):
    """All that are given must fit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seeds: frozenset[int] | None = None
    every: int | None = Field(None, ge=1, description="each n-th submission attempt, counted from the start")
    after: int | None = Field(None, ge=0, description="only attempts later than the n-th")
    prompt: str | None = Field(None, description="a part of the prompt, in any case")
    endpoint: str | None = Field(None, description="a part of the model's path, as birefnet; fal only")

    def fits(self, submission: Submission) -> bool:
        return (
            (self.seeds is None or submission.seed in self.seeds)
            and (self.every is None or submission.number % self.every == 0)
            and (self.after is None or submission.number > self.after)
            and (self.prompt is None or self.prompt.lower() in submission.prompt.lower())
            and (self.endpoint is None or self.endpoint in submission.endpoint)
        )


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description=f"one of {', '.join(KINDS)}")
    stage: Stage | None = Field(None, description="where it applies; without it where the kind is at home")
    count: int | None = Field(1, ge=1, description="how many times; null: until removed")
    match: Match = Match()
    seconds: float | None = Field(None, ge=0, description="Retry-After, estimated_time or the pause per byte")
    url: str = Field(FOREIGN_URL, description="where foreign URLs and redirects point to")
    _hits: int = PrivateAttr(0)

    @model_validator(mode="after")
    def _settle_stage(self) -> Self:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}; known are {', '.join(KINDS)}")
        stages = REPLIES[self.kind].stages if self.kind in REPLIES else ("run",)
        self.stage = self.stage or stages[0]
        if self.stage not in stages:
            raise ValueError(f"{self.kind} applies at {', '.join(stages)}, not at {self.stage}")
        return self

    def take(self, stage: Stage, submission: Submission) -> bool:
        unspent = self.count is None or self._hits < self.count
        taken = self.stage == stage and unspent and self.match.fits(submission)
        self._hits += taken
        return taken

    def listing(self) -> dict[str, Any]:
        return {**self.model_dump(mode="json"), "hits": self._hits}


def _unnoted(_: str, __: Stage, ___: Submission) -> None:
    """Nobody wants to know."""


class Faults:
    def __init__(
        self, rules: list[Rule] | None = None, wording: Wording = detail, note: Note = _unnoted
    ) -> None:
        self.rules = [] if rules is None else rules
        self._wording = wording
        self._note = note

    def worded(self, wording: Wording) -> "Faults":
        """The same rules in the words of another protocol."""
        return Faults(self.rules, wording, self._note)

    def outcome(self, submission: Submission) -> tuple[str | None, Outcome]:
        rule = self._take("run", submission)
        return (rule.kind, OUTCOMES[rule.kind]) if rule else (None, GOOD)

    async def through(self, stage: Stage, submission: Submission, answer: Answer) -> Response:
        rule = self._take(stage, submission)
        return await (REPLIES[rule.kind].behaviour(answer, rule, self._wording) if rule else answer())

    def _take(self, stage: Stage, submission: Submission) -> Rule | None:
        rule = next((rule for rule in self.rules if rule.take(stage, submission)), None)
        if rule:
            self._note(rule.kind, stage, submission)
        return rule
