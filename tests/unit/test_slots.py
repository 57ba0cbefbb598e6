"""Slots are given back however what held them ends, and nobody waits for one."""

from contextlib import ExitStack

import pytest

from api.slots import Slots
from schema.errors import RateLimited


def test_each_user_and_all_together_have_a_limit() -> None:
    slots = Slots("downloads", total=3, per_user=2)
    with ExitStack() as held:
        for user in ("ana", "ana", "ben"):
            held.enter_context(slots.taken(user))
        for user, said in (("ana", "Only 2 downloads at once"), ("ben", "too many downloads just now")):
            with pytest.raises(RateLimited, match=said) as refused, slots.taken(user):
                pass
            assert refused.value.retry_after_s == 10
        assert slots.in_use == 3
    assert slots.in_use == 0
    with slots.taken("ana"):
        assert slots.in_use == 1


def test_a_slot_comes_back_after_a_failure() -> None:
    slots = Slots("downloads", total=1, per_user=1)
    with pytest.raises(ZeroDivisionError), slots.taken("ana"):
        raise ZeroDivisionError
    with slots.taken("ana"):
        pass
