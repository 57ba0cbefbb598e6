"""What a user has and where it went."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CurrentUser, Cursor, DbSession
from api.openapi import failures
from schema import cursors
from schema.kinds import LedgerType
from schema.models.credits import CreditsAnswer, EntryView, LedgerAnswer
from schema.queries import accounts, users

router = APIRouter(prefix="/credits", tags=["credits"])
Limit = Annotated[int, Query(ge=1, le=100)]
Kind = Annotated[LedgerType | None, Query(alias="type")]
OfGeneration = Annotated[
    str | None,
    Query(
        alias="generationId",
        max_length=64,
        description="Only what it and changes of its pictures cost and gave back.",
    ),
]


@router.get("", operation_id="getCredits", summary="Balance and quota", responses=failures())
async def balance(session: DbSession, caller: CurrentUser) -> CreditsAnswer:
    return CreditsAnswer.of(await users.read(session, caller.id))


@router.get(
    "/ledger", operation_id="listLedgerEntries", summary="The ledger, newest first", responses=failures()
)
async def ledger(
    *,
    session: DbSession,
    caller: CurrentUser,
    kind: Kind = None,
    generation_id: OfGeneration = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LedgerAnswer:
    before_id = cursors.number(cursor)
    rows = await accounts.ledger_page(
        session, caller.id, before_id=before_id, limit=limit + 1, kind=kind, generation_id=generation_id
    )
    page = rows[:limit]
    return LedgerAnswer(
        entries=[EntryView.of(row) for row in page],
        next_cursor=cursors.encode(str(page[-1].id)) if len(rows) > limit else None,
    )
