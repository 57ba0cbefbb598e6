"""One answer of a provider, mostly a picture, paid for once.

A call remembers its provider request outside the process (the caller saves each CallState it is given), so
another worker goes on where a dead one stopped. Waiting out a busy provider never counts against the item.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic

from pydantic import BaseModel

from adapters.providers import Answer_co, Handle, PaidService, Request_contra
from schema.errors import SENTENCES, ItemError, ProviderBusy, ProviderTimeout, SubmitUnclear, Unexpected
from telemetry.metrics import provider_call

LONGEST_BACKOFF_S = 60.0
UNCLEAR_SUBMITS_BORNE = 1


class CallState(BaseModel, frozen=True):
    """What must survive the worker: the running request, and what the item has already cost."""

    started_at: float
    handle: Handle | None = None
    unanswered: bool = False
    """A blocking submit was sent; whoever finds this after a death cannot know what became of it."""
    failures: int = 0
    unclear: int = 0

    def uncertain(self) -> "CallState":
        """A request may be running and paid for, and nothing leads to it."""
        return self.model_copy(update={"handle": None, "unanswered": False, "unclear": self.unclear + 1})

    def lost(self) -> "CallState":
        """The request is over without a picture: the next try needs a new one."""
        return self.model_copy(update={"handle": None, "failures": self.failures + 1})


@dataclass(frozen=True)
class CallLimits:
    call_timeout_s: float
    item_deadline_s: float
    max_failures: int

    def exhausted(self, state: CallState) -> bool:
        return (
            state.failures >= self.max_failures
            or too_uncertain(state)
            or time.time() - state.started_at > self.item_deadline_s
        )


def too_uncertain(state: CallState) -> bool:
    """Another submit could be paid for once too often."""
    return state.unclear > UNCLEAR_SUBMITS_BORNE


Save = Callable[[CallState], None]


class PaidCalls(Generic[Request_contra, Answer_co]):
    """All calls of one worker; they share the provider's word about when to come back."""

    def __init__(self, provider: PaidService[Request_contra, Answer_co], limits: CallLimits) -> None:
        self.provider = provider
        self._limits = limits
        self._closed_until = 0.0

    async def run(self, request: Request_contra, state: CallState, save: Save) -> Answer_co:
        with provider_call(self.provider.name):
            return await self._run(request, state, save)

    async def _run(self, request: Request_contra, state: CallState, save: Save) -> Answer_co:
        state = self._inherited(state)
        try:
            begun = state.handle or await self._submit(request, state, save)
            if not isinstance(begun, Handle):
                return begun
            state = state.model_copy(update={"handle": begun})
            save(state)
            async with asyncio.timeout(self._limits.call_timeout_s):
                return await self.provider.wait(begun)
        except TimeoutError:
            await self._abandon(state)
            late = ProviderTimeout(SENTENCES["PROVIDER_TIMEOUT"])
            self._note(late, state.lost(), save)
            raise late from None
        except ItemError as error:
            self._note(error, self._after(error, state), save)
            raise
        except Exception as error:
            mistake = Unexpected(SENTENCES["INTERNAL"])
            self._note(mistake, state.lost(), save)
            raise mistake from error

    def _inherited(self, state: CallState) -> CallState:
        """An answer that only a dead worker could hear, and a handle of another provider, are of no use."""
        foreign = state.handle is not None and state.handle.provider != self.provider.name
        return state.uncertain() if foreign or state.unanswered else state

    async def _submit(self, request: Request_contra, state: CallState, save: Save) -> Handle | Answer_co:
        if too_uncertain(state):
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code])
        if (wait_s := self._closed_until - time.monotonic()) > 0:
            raise ProviderBusy("The image service asked us to wait.", retry_after_s=wait_s)
        if not self.provider.capabilities.resumable:
            save(state.model_copy(update={"unanswered": True}))
            return await self.provider.submit(request)
        return await self._heard(asyncio.ensure_future(self.provider.submit(request)), state, save)

    async def _heard(
        self, submit: asyncio.Future[Handle | Answer_co], state: CallState, save: Save
    ) -> Handle | Answer_co:
        """To the end, also when cancelled: what was begun meanwhile must be found, or be cancelled there."""
        try:
            return await asyncio.shield(submit)
        except asyncio.CancelledError:
            with suppress(ItemError):
                begun = await submit
                if isinstance(begun, Handle):
                    save(state.model_copy(update={"handle": begun}))
            raise

    async def _abandon(self, state: CallState) -> None:
        if state.handle:
            await self.provider.cancel(state.handle)

    def _after(self, error: ItemError, state: CallState) -> CallState:
        match error:
            case ProviderBusy():
                self._close_for(error.retry_after_s)
                return state
            case SubmitUnclear() if state.handle is None:
                return state.uncertain()
            case _:
                return state.lost()

    def _close_for(self, wait_s: float | None) -> None:
        """One refused call speaks for all: the others need not ask."""
        self._closed_until = max(self._closed_until, time.monotonic() + (wait_s or 0))

    def _note(self, error: ItemError, state: CallState, save: Save) -> None:
        """Keep the failure, and decide when it may be tried again or that it may not."""
        save(state)
        if not error.retryable or self._limits.exhausted(state):
            error.final = True
        elif error.retry_after_s is None:
            error.retry_after_s = backoff_s(state.failures + state.unclear)


def backoff_s(failures: int) -> float:
    """Exponential with jitter, so that a batch that failed together does not come back together."""
    return min(LONGEST_BACKOFF_S, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
