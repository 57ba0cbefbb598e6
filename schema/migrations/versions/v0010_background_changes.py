"""Backgrounds that are changed after a picture was delivered: paid, and done or given back."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE background_changes (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    generation_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    background JSONB NOT NULL,
    seed BIGINT NOT NULL,
    credit_charged INTEGER NOT NULL,
    credit_refunded INTEGER NOT NULL,
    quota_charged INTEGER NOT NULL,
    quota_returned INTEGER NOT NULL,
    quota_window_ends_at TIMESTAMPTZ,
    before_image_key VARCHAR NOT NULL,
    image_key VARCHAR,
    error_code VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('pending', 'completed', 'failed')),
    CONSTRAINT credit_charged_least CHECK (credit_charged >= 0),
    CONSTRAINT paid_one_way CHECK (credit_charged = 0 OR quota_charged = 0),
    CONSTRAINT refund_within_charge CHECK (credit_refunded BETWEEN 0 AND credit_charged),
    CONSTRAINT quota_within_charge CHECK (quota_returned BETWEEN 0 AND quota_charged),
    CONSTRAINT ended_is_final CHECK ((status = 'pending') = (ended_at IS NULL)),
    CONSTRAINT completed_has_picture CHECK ((status = 'completed') = (image_key IS NOT NULL)),
    CONSTRAINT failed_has_code CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CONSTRAINT completed_not_refunded CHECK (status <> 'completed' OR credit_refunded = 0),
    CONSTRAINT failed_is_refunded CHECK (status <> 'failed' OR credit_refunded = credit_charged),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE,
    FOREIGN KEY (item_id) REFERENCES generated_poses (id) ON DELETE CASCADE
);
CREATE INDEX background_changes_of_item ON background_changes (item_id, created_at, id);
CREATE UNIQUE INDEX background_changes_pending ON background_changes (item_id) WHERE status = 'pending';
CREATE INDEX background_changes_of_quota ON background_changes (user_id, quota_window_ends_at)
    WHERE quota_charged > 0;
CREATE INDEX ix_background_changes_generation_id ON background_changes (generation_id);

CREATE TRIGGER paid_is_final BEFORE UPDATE ON background_changes FOR EACH ROW
    WHEN ((NEW.id, NEW.user_id, NEW.item_id, NEW.credit_charged, NEW.quota_charged, NEW.quota_window_ends_at)
        IS DISTINCT FROM
          (OLD.id, OLD.user_id, OLD.item_id, OLD.credit_charged, OLD.quota_charged, OLD.quota_window_ends_at))
    EXECUTE FUNCTION refuse('what was paid for does not change');
CREATE TRIGGER ended_stays BEFORE UPDATE ON background_changes FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL AND
          (NEW.status, NEW.credit_refunded, NEW.quota_returned, NEW.error_code, NEW.ended_at)
        IS DISTINCT FROM (OLD.status, OLD.credit_refunded, OLD.quota_returned, OLD.error_code, OLD.ended_at))
    EXECUTE FUNCTION refuse('a change that has ended does not change');
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    op.execute("DROP TABLE background_changes")
