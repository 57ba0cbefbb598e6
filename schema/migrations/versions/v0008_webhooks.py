"""Webhooks: a user's settings and secrets, messages as they are sent, and every attempt at one."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Nothing has ever been written to the first form of webhook_deliveries.
UP = """
ALTER TABLE pose_generations ADD COLUMN webhook_events TEXT[] NOT NULL DEFAULT '{}';
ALTER TABLE pose_generations ALTER COLUMN webhook_events DROP DEFAULT;
UPDATE pose_generations
    SET webhook_events = '{generation.completed,generation.failed,generation.cancelled}'
    WHERE webhook_url IS NOT NULL;

CREATE TABLE webhook_settings (
    user_id VARCHAR NOT NULL,
    url VARCHAR,
    events TEXT[] NOT NULL,
    disabled JSONB NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE webhook_secrets (
    id SERIAL NOT NULL,
    user_id VARCHAR NOT NULL,
    sealed VARCHAR NOT NULL,
    hint VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX webhook_secret_in_use ON webhook_secrets (user_id) WHERE expires_at IS NULL;
CREATE INDEX webhook_secrets_of_user ON webhook_secrets (user_id);

DROP TABLE webhook_deliveries;
CREATE TABLE webhook_deliveries (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    generation_id VARCHAR,
    event VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    last_status INTEGER,
    last_error VARCHAR,
    next_attempt_at TIMESTAMPTZ,
    delivered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('pending', 'delivered', 'failed')),
    CONSTRAINT delivered_has_time CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT only_pending_goes_on CHECK (next_attempt_at IS NULL OR status = 'pending'),
    CONSTRAINT body_is_small CHECK (octet_length(body) <= 262144),
    CONSTRAINT attempts_least CHECK (attempts >= 0),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE
);
CREATE INDEX deliveries_of_user ON webhook_deliveries (user_id, created_at, id);
CREATE INDEX deliveries_of_user_by_status ON webhook_deliveries (user_id, status, created_at, id);
CREATE INDEX deliveries_of_user_by_event ON webhook_deliveries (user_id, event, created_at, id);
CREATE INDEX deliveries_of_generation ON webhook_deliveries (generation_id, created_at, id);

CREATE TABLE webhook_attempts (
    delivery_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    user_id VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    call VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    duration_ms INTEGER,
    status_code INTEGER,
    error_code VARCHAR,
    response VARCHAR,
    PRIMARY KEY (delivery_id, number),
    CONSTRAINT error_code_known CHECK (error_code IN ('BAD_STATUS', 'REDIRECTED', 'GONE', 'TIMEOUT',
        'UNREACHABLE', 'ADDRESS_REFUSED', 'URL_DISABLED', 'SECRET_UNREADABLE', 'INTERRUPTED')),
    FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries (id) ON DELETE CASCADE
);
CREATE INDEX attempts_under_way ON webhook_attempts (user_id, started_at)
    WHERE duration_ms IS NULL AND error_code IS NULL;
"""

DOWN = """
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_secrets;
DROP TABLE webhook_settings;
ALTER TABLE pose_generations DROP COLUMN webhook_events;

CREATE TABLE webhook_deliveries (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    generation_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    payload JSONB NOT NULL,
    attempts INTEGER NOT NULL,
    last_status INTEGER,
    last_error VARCHAR,
    delivered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE
);
CREATE INDEX ix_webhook_deliveries_generation_id ON webhook_deliveries (generation_id);
CREATE INDEX ix_webhook_deliveries_user_id ON webhook_deliveries (user_id);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
