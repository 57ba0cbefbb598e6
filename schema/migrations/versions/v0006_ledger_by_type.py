"""The ledger by type: a few grants among very many charges are found without reading these."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX credits_of_user_by_type ON credits (user_id, type, id)")


def downgrade() -> None:
    op.execute("DROP INDEX credits_of_user_by_type")
