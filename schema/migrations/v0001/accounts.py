"""Users and their avatars, and their money."""

SQL = """
CREATE TABLE users (
    id VARCHAR(255) NOT NULL,
    role VARCHAR NOT NULL,
    is_premium BOOLEAN NOT NULL,
    balance_credits INTEGER NOT NULL,
    unlimited_pose_active BOOLEAN NOT NULL,
    unlimited_expires_at TIMESTAMPTZ,
    unlimited_daily_quota_items INTEGER NOT NULL,
    unlimited_used_items INTEGER NOT NULL,
    unlimited_window_ends_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT role_known CHECK (role IN ('user', 'admin')),
    CONSTRAINT balance_credits_least CHECK (balance_credits >= 0),
    CONSTRAINT unlimited_daily_quota_items_least CHECK (unlimited_daily_quota_items >= 0),
    CONSTRAINT unlimited_used_items_least CHECK (unlimited_used_items >= 0)
) WITH (fillfactor = 80);

CREATE TABLE avatars (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    gender VARCHAR,
    age_range VARCHAR,
    ethnicity VARCHAR,
    body_type VARCHAR,
    style VARCHAR,
    image_key VARCHAR,
    usage_count INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX avatars_of_user ON avatars (user_id, created_at, id);

CREATE TABLE credits (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id VARCHAR NOT NULL,
    amount_credits INTEGER NOT NULL,
    balance_after_credits INTEGER NOT NULL,
    type VARCHAR NOT NULL,
    reference_type VARCHAR NOT NULL,
    reference_id VARCHAR NOT NULL,
    idempotency_key VARCHAR(400) NOT NULL,
    description VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT type_known CHECK (type IN ('grant', 'charge', 'refund', 'adjustment')),
    CONSTRAINT balance_after_credits_least CHECK (balance_after_credits >= 0),
    CONSTRAINT amount_not_zero CHECK (amount_credits <> 0),
    CONSTRAINT charge_takes CHECK (type <> 'charge' OR amount_credits < 0),
    CONSTRAINT refund_gives CHECK (type NOT IN ('grant', 'refund') OR amount_credits > 0),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    UNIQUE (idempotency_key)
);
CREATE INDEX credits_of_reference ON credits (reference_type, reference_id);
CREATE INDEX credits_of_user ON credits (user_id, id);

CREATE TABLE idempotency_keys (
    user_id VARCHAR NOT NULL,
    key VARCHAR(255) NOT NULL,
    request_hash VARCHAR NOT NULL,
    generation_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
"""
