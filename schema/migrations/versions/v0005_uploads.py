"""Pictures that users have handed in."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE uploads (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT purpose_known CHECK (purpose IN ('avatar', 'background', 'reference')),
    CONSTRAINT width_least CHECK (width >= 1),
    CONSTRAINT height_least CHECK (height >= 1),
    CONSTRAINT size_bytes_least CHECK (size_bytes >= 1),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    UNIQUE (user_id, purpose, sha256)
);
CREATE INDEX uploads_of_user ON uploads (user_id, created_at, id);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE uploads")
