"""Carries the id of a request along: from the API into its workflow, and from there into each activity.

It travels in Temporal's headers, which are no part of what is replayed.
"""

from collections.abc import Mapping
from typing import Any

from temporalio import client, worker
from temporalio.api.common.v1 import Payload

from activities.trail import HEADER, Trail
from telemetry import context

Headers = Mapping[str, Payload]


class TrailInterceptor(client.Interceptor, worker.Interceptor):
    """Given to the client, it is also that of the workers that are made with it."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002 - the SDK's name
        return _Starting(next)

    def intercept_activity(
        self,
        next: worker.ActivityInboundInterceptor,  # noqa: A002 - as above
    ) -> worker.ActivityInboundInterceptor:
        return Trail(next)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - as above
    ) -> type[worker.WorkflowInboundInterceptor]:
        return _Arriving


class _Starting(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> Any:  # noqa: A002 - as above
        input.headers = _named(input.headers)
        return await super().start_workflow(input)

    async def start_update_with_start_workflow(self, input: client.StartWorkflowUpdateWithStartInput) -> Any:  # noqa: A002 - as above
        input.start_workflow_input.headers = _named(input.start_workflow_input.headers)
        return await super().start_update_with_start_workflow(input)


class _Arriving(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        self._leaving = _Leaving(outbound)
        super().init(self._leaving)

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:  # noqa: A002 - as above
        if HEADER in input.headers:
            self._leaving.carried = {HEADER: input.headers[HEADER]}
        return await super().execute_workflow(input)


class _Leaving(worker.WorkflowOutboundInterceptor):
    def __init__(self, following: worker.WorkflowOutboundInterceptor) -> None:
        super().__init__(following)
        self.carried: Headers = {}

    def start_activity(self, input: worker.StartActivityInput) -> Any:  # noqa: A002 - as above
        input.headers = {**input.headers, **self.carried}
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> Any:  # noqa: A002 - as above
        input.headers = {**input.headers, **self.carried}
        return super().start_local_activity(input)

    def continue_as_new(self, input: worker.ContinueAsNewInput) -> Any:  # noqa: A002 - as above
        input.headers = {**input.headers, **self.carried}
        return super().continue_as_new(input)


def _named(headers: Headers) -> Headers:
    known = context.request_id()
    return {**headers, HEADER: Payload(data=known.encode())} if known else headers
