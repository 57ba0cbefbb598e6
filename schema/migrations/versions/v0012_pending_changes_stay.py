"""A background change that is under way still owes a picture or credits: it cannot be deleted."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
CREATE TRIGGER pending_is_kept BEFORE DELETE ON background_changes FOR EACH ROW
    WHEN (OLD.status = 'pending')
    EXECUTE FUNCTION refuse('a background change under way still owes a picture or credits');
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TRIGGER pending_is_kept ON background_changes")
