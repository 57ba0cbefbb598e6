"""Public links to chosen pictures of a generation."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE shares (
    id VARCHAR NOT NULL,
    generation_id VARCHAR NOT NULL,
    token_hash VARCHAR NOT NULL,
    item_ids TEXT[] NOT NULL,
    allow_download BOOLEAN NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ends_after_it_begins CHECK (expires_at > created_at),
    CONSTRAINT item_ids_range CHECK (cardinality(item_ids) BETWEEN 1 AND 500),
    UNIQUE (token_hash),
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE
);
CREATE INDEX ix_shares_generation_id ON shares (generation_id);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE shares")
