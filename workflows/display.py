"""What the operator sees in the Web UI: search attributes in the list, a small live table on the run's page.

Every upsert is an event of the history, so they follow the stages and every few per cent of the items.
"""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from schema.messages.orders import GenerationInput
    from workflows import names
    from workflows.board import Board

UPSERTS_A_BATCH = 20


class Display:
    def __init__(self, order: GenerationInput, board: Board) -> None:
        self._order = order
        self._board = board
        self._degraded = 0
        self._shown: tuple[str, bool, int] | None = None

    def degraded(self, slow_items: int) -> None:
        self._degraded = slow_items
        self.update()

    def update(self, error_code: str | None = None) -> None:
        board = self._board
        workflow.set_current_details(self._table())
        step = max(1, self._order.total_items // UPSERTS_A_BATCH)
        now = (board.status.value, self._is_degraded, (board.completed + board.failed) // step)
        if now != self._shown:
            self._shown = now
            workflow.upsert_search_attributes(self._attributes(error_code))

    @property
    def _is_degraded(self) -> bool:
        return self._degraded > 0 and not self._board.status.terminal

    def _attributes(self, error_code: str | None) -> list[SearchAttributeUpdate[Any]]:
        board = self._board
        updates: list[SearchAttributeUpdate[Any]] = [
            names.STATUS.value_set(board.status),
            names.ITEMS_DONE.value_set(board.completed),
            names.ITEMS_FAILED.value_set(board.failed),
            names.DEGRADED.value_set(self._is_degraded),
        ]
        return [*updates, names.ERROR_CODE.value_set(error_code)] if error_code else updates

    def _table(self) -> str:
        board, order = self._board, self._order
        rows = {
            "status": board.status.value,
            "items": f"{board.completed} done, {board.failed} failed, {order.total_items} in all",
            "slow items": str(self._degraded),
            "credits": f"{board.receipt.credits_charged if board.receipt else 0} charged, "
            f"{board.credits_refunded} refunded",
            "formats": ", ".join(order.formats) or "none",
        }
        return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])
