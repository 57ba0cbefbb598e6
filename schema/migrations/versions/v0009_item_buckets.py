"""What users may still order in this minute."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Not logged: it is worth nothing a minute later, and who takes from it should not wait for the disk.
UP = """
CREATE UNLOGGED TABLE item_buckets (
    user_id VARCHAR NOT NULL,
    full_at TIMESTAMPTZ NOT NULL,
    granted BOOLEAN NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 50);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE item_buckets")
