"""Temporal: is it there with all that our workflows need, and does anybody work?"""

import asyncio
import os
from typing import Any

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from adapters.keyring import Unreadable
from cli.doctor.examination import Broken, Doubtful
from schema.settings import Settings
from workflows import names, rounds
from workflows.client import connect
from workflows.codec import codec
from workflows.gateway import GenerationGateway
from workflows.queue_health import QueueHealth

Key = SearchAttributeKey[Any]
LONG_WAIT_S = 60.0
LONG_QUIET_S = 75.0
"""A worker with a free slot asks again at least once a minute; a dead one is listed for five."""
MANY = 3
REFUSALS = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED)


class Engine:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connected: Client | None = None

    async def answers(self) -> str:
        address = self._settings.temporal_address
        await _must_listen(address)
        try:
            self._connected = await connect(self._settings, lazy=False)
            info = await self.client.workflow_service.get_system_info(GetSystemInfoRequest())
        except (RuntimeError, OSError, RPCError) as error:
            fix = "Correct TEMPORAL_ADDRESS, TEMPORAL_TLS and TEMPORAL_API_KEY."
            raise Broken(f"{address} lets us not in: {_short(error)}.", fix) from error
        return f"Temporal {info.server_version} at {address}"

    async def has_namespace(self) -> str:
        name = self._settings.temporal_namespace
        try:
            await self.client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                fix = "Give TEMPORAL_API_KEY the right to use it, or correct TEMPORAL_NAMESPACE."
                raise Broken(f"{name} cannot be used: {_short(error)}.", fix) from error
            create = f"temporal operator namespace create {self._options}"
            raise Broken(f"there is no namespace {name}.", create) from error
        return name

    async def has_attributes(self) -> str:
        there = await self._attributes()
        wrong = [key for key in names.ATTRIBUTES if there.get(key.name, _kind(key)) != _kind(key)]
        missing = [key for key in names.ATTRIBUTES if key.name not in there]
        if wrong or missing:
            found = [f"{key.name} is not registered" for key in missing]
            found += [f"{key.name} is of another type" for key in wrong]
            raise Broken(f"{', '.join(found)}.", self._registration(wrong, missing))
        return f"all {len(names.ATTRIBUTES)} are registered"

    async def can_read(self) -> str:
        try:
            await rounds.require_readable(self.client)
        except Unreadable as error:
            raise Broken(error.message, "Set PAYLOAD_KEYS to the keys of the workers.") from error
        sealing = codec(self._settings)
        return f"sealed with the key {sealing.key}" if sealing else "not sealed (docs/privacy.md)"

    async def is_worked_on(self) -> str:
        queues = await GenerationGateway(self.client).health()
        idle = [name for name, queue in queues.items() if not queue.pollers]
        if idle:
            waiting = sum(queues[name].backlog for name in idle)
            found = f"no worker serves {', '.join(idle)}; {waiting} tasks wait there."
            raise Broken(found, f"posegen worker --queues {','.join(idle)}")
        if dying := {name: queue for name, queue in queues.items() if _comes_and_goes(queue)}:
            found = "; ".join(
                f"{queue.gone(LONG_QUIET_S)} workers of {name} have gone within five minutes"
                for name, queue in dying.items()
            )
            raise Doubtful(f"{found}.", "Does one die again and again? docs/runbooks/worker-dies.md")
        late = {name: queue for name, queue in queues.items() if queue.oldest_s > LONG_WAIT_S}
        if late:
            found = "; ".join(
                f"{queue.backlog} tasks wait on {name}, the oldest for {queue.oldest_s:.0f} s"
                + (", and all its workers are busy or dead" if queue.quiet_s > LONG_QUIET_S else "")
                for name, queue in late.items()
            )
            raise Doubtful(f"{found}.", f"More of: posegen worker --queues {','.join(late)}")
        quiet = [name for name, queue in queues.items() if queue.quiet_s > LONG_QUIET_S]
        if quiet:
            found = f"nobody has asked for work on {', '.join(quiet)} for more than {LONG_QUIET_S:.0f} s."
            raise Doubtful(found, "Its workers have died, or all their slots are taken: look at them.")
        return ", ".join(f"{name} {queue.pollers} pollers" for name, queue in queues.items())

    async def _attributes(self) -> dict[str, int]:
        request = ListSearchAttributesRequest(namespace=self._settings.temporal_namespace)
        try:
            answer = await self.client.operator_service.list_search_attributes(request)
        except RPCError as error:
            if error.status not in REFUSALS:
                raise
            wanted = ", ".join(f"{key.name} ({_type(key)})" for key in names.ATTRIBUTES)
            raise Doubtful("this server does not list them.", f"See there for {wanted}.") from error
        return {name: int(kind) for name, kind in answer.custom_attributes.items()}

    def _registration(self, wrong: list[Key], missing: list[Key]) -> str:
        """One at a time: of several in one command a server on SQL keeps only the first, and says nothing."""
        commands = [f"remove --yes --name {key.name}" for key in wrong]
        commands += [f"create --name {key.name} --type {_type(key)}" for key in (*wrong, *missing)]
        return " && ".join(
            f"temporal operator search-attribute {command} {self._options}" for command in commands
        )

    @property
    def _options(self) -> str:
        return f"--namespace {self._settings.temporal_namespace} --address {self._settings.temporal_address}"

    @property
    def client(self) -> Client:
        """For checks that need it to be there."""
        assert self._connected
        return self._connected


def _comes_and_goes(queue: QueueHealth) -> bool:
    """More than a rollout leaves behind, which replaces each worker once."""
    gone = queue.gone(LONG_QUIET_S)
    return gone >= MANY and queue.pollers - gone in range(1, gone)


async def _must_listen(address: str) -> None:
    """Said by the system in fewer words than by Temporal's client."""
    host, _, port = address.rpartition(":")
    try:
        _, line = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, ValueError) as error:
        fix = "Start it or correct TEMPORAL_ADDRESS; `posegen up` brings one along."
        raise Broken(f"nobody answers at {address}: {_reason(error)}.", fix) from error
    line.close()


def _reason(error: Exception) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def _kind(key: Key) -> int:
    return int(key.indexed_value_type)


def _type(key: Key) -> str:
    """As the command line of Temporal calls it."""
    return key.indexed_value_type.name.capitalize()


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")[:200]
