"""Every activity beats by itself, but for those that are part of a workflow task."""

import asyncio
from dataclasses import replace
from typing import cast

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities import heartbeat


class Slow:
    async def execute_activity(self, _call: object) -> str:
        await asyncio.sleep(0.1)
        return "done"


@pytest.mark.parametrize(("is_local", "beats"), [(False, True), (True, False)])
async def test_only_steps_of_their_own_beat(
    monkeypatch: pytest.MonkeyPatch, *, is_local: bool, beats: bool
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    following = cast("ActivityInboundInterceptor", Slow())
    beating = heartbeat.HeartbeatInterceptor().intercept_activity(following)
    environment, told = ActivityEnvironment(), list[object]()
    environment.info = replace(environment.info, is_local=is_local)
    environment.on_heartbeat = lambda *_details: told.append(None)
    done = await environment.run(beating.execute_activity, cast("ExecuteActivityInput", None))
    assert (done, bool(told)) == ("done", beats)
