"""What a generation cost."""

from fastapi import APIRouter

from api.dependencies import CurrentUser, DbSession, GenerationId
from api.openapi import failures
from schema.errors import NotFound
from schema.models.receipts import ReceiptAnswer
from schema.queries import receipts

router = APIRouter(prefix="/generations", tags=["credits"])


@router.get(
    "/{generation_id}/receipt",
    operation_id="getReceipt",
    summary="What was charged, what was refunded and why",
    responses=failures(NotFound),
)
async def receipt(session: DbSession, caller: CurrentUser, generation_id: GenerationId) -> ReceiptAnswer:
    """Item by item, grouped by reason, with the entries of the ledger. The sums are the ledger's."""
    return ReceiptAnswer.of(await receipts.read(session, generation_id, caller.id))
