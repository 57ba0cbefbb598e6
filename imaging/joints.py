"""What a posture is made of: readable joint angles in degrees, each within what a human joint can do.

A joint outside its range cannot be constructed, whether a designer wrote the angle or it was solved from
a reach.
"""

from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

Contact = Literal[
    "left_foot", "right_foot", "left_knee", "right_knee", "left_hand", "right_hand", "seat", "back"
]

NEARLY_UP = 150
"""From here on every direction is overhead, whichever way it is named."""
OVERHEAD = 130
"""Above this lift, the way the arm went up decides what `turn_in` it shows: no bound says anything."""


def within(low: float, high: float, *, rest: float = 0.0) -> Any:
    return Field(rest, ge=low, le=high)


class Joint(BaseModel, frozen=True, extra="forbid"):
    """Base of all: frozen, and a misspelt angle is an error, not ignored."""


class Root(Joint):
    """The whole figure, given by its pelvis. Without a height it stands as tall as its feet allow."""

    height: float | None = Field(None, ge=0.03, le=0.6)
    forward: float = within(-180, 180)
    side: float = within(-90, 90)
    turn: float = within(-180, 180)


class Waist(Joint):
    bend: float = within(-25, 55)
    side: float = within(-22, 22)
    turn: float = within(-25, 25)


class Chest(Joint):
    bend: float = within(-22, 38)
    side: float = within(-22, 22)
    turn: float = within(-28, 28)


class Head(Joint):
    """Shared evenly by neck and skull: nod is down, tilt towards the left shoulder, turn to the left."""

    nod: float = within(-55, 50)
    tilt: float = within(-40, 40)
    turn: float = within(-78, 78)


def _refuse_overreach(lift: float, toward: float, at: tuple[int, ...], most: tuple[int, ...]) -> None:
    limit = float(np.interp(toward, at, most))
    if limit < lift < NEARLY_UP:
        raise ValueError(f"lift {lift:.0f} is beyond {limit:.0f}, the most it can do toward {toward:.0f}")


class Shoulder(Joint):
    """`lift` from hanging 0 to overhead 180, `toward` 0 forward, 90 outward, 180 back, -90 across."""

    lift: float = within(0, 180, rest=8.0)
    toward: float = within(-180, 180, rest=70.0)
    turn_in: float = within(-180, 180, rest=15.0)

    @model_validator(mode="after")
    def _human(self) -> Self:
        _refuse_overreach(
            self.lift, self.toward, (-180, -90, -40, 0, 110, 150, 180), (40, 60, 135, 180, 180, 90, 65)
        )
        if self.lift < OVERHEAD and not -110 <= self.turn_in <= 130:
            raise ValueError(f"turn_in {self.turn_in:.0f} is not within -110 and 130")
        return self


class Elbow(Joint):
    bend: float = within(0, 158, rest=12.0)


class Hip(Joint):
    """Directions as for the shoulder. A lifted thigh turns out further, as sitting cross-legged shows."""

    lift: float = within(0, 142)
    toward: float = within(-180, 180)
    turn_out: float = within(-45, 165, rest=5.0)

    @model_validator(mode="after")
    def _human(self) -> Self:
        _refuse_overreach(
            self.lift, self.toward, (-180, -90, -30, 0, 50, 90, 135, 180), (35, 35, 105, 142, 130, 88, 55, 35)
        )
        most = 75 if self.lift < 60 else 110 + max(self.toward, 0)
        if self.turn_out > most:
            raise ValueError(
                f"turn_out {self.turn_out:.0f} is beyond {most:.0f}, the most of a thigh so lifted"
            )
        return self


class Knee(Joint):
    bend: float = within(0, 158, rest=3.0)


class Ankle(Joint):
    point: float = within(-30, 65, rest=20.0)


class Reach(Joint):
    """Where a hand or foot goes, instead of angles: a landmark of the body (`to`) plus an offset.

    Without a landmark a hand counts from its own shoulder and a foot from the floor below the pelvis.
    """

    to: str | None = None
    out: float = Field(0.0, ge=-1, le=1)
    up: float = Field(0.0, ge=-1, le=1)
    forward: float = Field(0.0, ge=-1, le=1)


class HandReach(Reach):
    elbow: float = within(-180, 180)
    """Turns the elbow around the line from shoulder to hand: outward and up where the hand is in front."""


class FootReach(Reach):
    out: float = Field(0.07, ge=-1, le=1)
    knee: float = within(-120, 120)
    turn_out: float = within(-40, 75, rest=8.0)
    heel: float = Field(0.0, ge=0, le=0.12)
    """How high the heel is raised while the toes stay down."""
