"""What a generation leaves elsewhere."""

SQL = """
CREATE TABLE avatar_usage_history (
    id SERIAL NOT NULL,
    avatar_id VARCHAR,
    generation_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (avatar_id) REFERENCES avatars (id) ON DELETE SET NULL,
    UNIQUE (generation_id),
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE
);
CREATE INDEX ix_avatar_usage_history_avatar_id ON avatar_usage_history (avatar_id);

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
