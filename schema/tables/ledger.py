"""Money: the append-only ledger, and the keys that make a repeated request one request."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlmodel import Field, SQLModel

from schema.kinds import LedgerType
from schema.tables.columns import at_least, created, one_of, reference


class LedgerEntry(SQLModel, table=True):
    """Inserting one moves the user's balance and fills `balance_after_credits`: a trigger does both."""

    __tablename__ = "credits"
    __table_args__ = (
        one_of("type", LedgerType),
        at_least("balance_after_credits", 0),
        CheckConstraint("amount_credits <> 0", name="amount_not_zero"),
        CheckConstraint("type <> 'charge' OR amount_credits < 0", name="charge_takes"),
        CheckConstraint("type NOT IN ('grant', 'refund') OR amount_credits > 0", name="refund_gives"),
        Index("credits_of_user", "user_id", "id"),
        Index("credits_of_user_by_type", "user_id", "type", "id"),
        Index("credits_by_time", "created_at"),
        Index("credits_of_reference", "reference_type", "reference_id"),
    )

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)]
    )
    """Given under the user's lock, so one user's entries are in the order in which the balance moved."""
    user_id: str = reference("users.id", on_delete="RESTRICT")
    amount_credits: int
    balance_after_credits: int = 0
    type: str
    reference_type: str
    reference_id: str
    idempotency_key: str = Field(unique=True, max_length=400)
    description: str
    created_at: datetime = created()


class IdempotencyKey(SQLModel, table=True):
    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_created", "created_at"),)

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    request_hash: str
    generation_id: str
    created_at: datetime = created()
