"""What reconciling needs: pending messages found at once, marks of orphans, a word for what was stopped."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FAULTS = (
    "BAD_STATUS",
    "REDIRECTED",
    "GONE",
    "TIMEOUT",
    "UNREACHABLE",
    "ADDRESS_REFUSED",
    "URL_DISABLED",
    "SECRET_UNREADABLE",
    "INTERRUPTED",
)
KNOWN = """
ALTER TABLE webhook_attempts DROP CONSTRAINT error_code_known;
ALTER TABLE webhook_attempts ADD CONSTRAINT error_code_known CHECK (error_code IN ({}));
"""
UP = """
CREATE INDEX deliveries_pending ON webhook_deliveries (id) WHERE status = 'pending';

CREATE TABLE storage_orphans (
    key VARCHAR NOT NULL,
    found_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (key)
);
"""
DOWN = """
DROP TABLE storage_orphans;
DROP INDEX deliveries_pending;
"""


def _known(*faults: str) -> str:
    return KNOWN.format(", ".join(f"'{fault}'" for fault in faults))


def upgrade() -> None:
    op.execute(_known(*FAULTS, "STOPPED"))
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    op.execute(_known(*FAULTS))
