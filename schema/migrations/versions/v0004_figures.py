"""Counts that are kept, so that no question about a user reads all of their rows, and indexes by time."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE user_days (
    user_id VARCHAR NOT NULL,
    day DATE NOT NULL,
    generations_completed BIGINT DEFAULT 0 NOT NULL,
    generations_partial BIGINT DEFAULT 0 NOT NULL,
    generations_failed BIGINT DEFAULT 0 NOT NULL,
    generations_cancelled BIGINT DEFAULT 0 NOT NULL,
    pictures_completed BIGINT DEFAULT 0 NOT NULL,
    pictures_failed BIGINT DEFAULT 0 NOT NULL,
    pictures_cancelled BIGINT DEFAULT 0 NOT NULL,
    generation_time_ms BIGINT DEFAULT 0 NOT NULL,
    duration_ms BIGINT DEFAULT 0 NOT NULL,
    quota_charged BIGINT DEFAULT 0 NOT NULL,
    quota_returned BIGINT DEFAULT 0 NOT NULL,
    credits_charged BIGINT DEFAULT 0 NOT NULL,
    credits_refunded BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (user_id, day),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX user_days_by_day ON user_days (day);

CREATE TABLE user_poses (
    user_id VARCHAR NOT NULL,
    pose_id VARCHAR NOT NULL,
    pictures BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (user_id, pose_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (pose_id) REFERENCES pose_library (id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX ix_user_poses_pose_id ON user_poses (pose_id);
"""

# Under the lock of the user's row, which the ledger's first trigger takes: a user's day is never fought for.
LEDGER = """
CREATE FUNCTION count_entry() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_days AS known (user_id, day, credits_charged, credits_refunded)
    VALUES (NEW.user_id, (NEW.created_at AT TIME ZONE 'UTC')::date,
        CASE NEW.type WHEN 'charge' THEN -NEW.amount_credits ELSE 0 END,
        CASE NEW.type WHEN 'refund' THEN NEW.amount_credits ELSE 0 END)
    ON CONFLICT (user_id, day) DO UPDATE SET
        credits_charged = known.credits_charged + excluded.credits_charged,
        credits_refunded = known.credits_refunded + excluded.credits_refunded;
    RETURN NULL;
END $$;
CREATE TRIGGER count_entry AFTER INSERT ON credits FOR EACH ROW
    WHEN (NEW.type IN ('charge', 'refund')) EXECUTE FUNCTION count_entry();
"""

COUNT_WHAT_IS_THERE = """
INSERT INTO user_days (user_id, day, generations_completed, generations_partial, generations_failed,
    generations_cancelled, pictures_completed, pictures_failed, pictures_cancelled, generation_time_ms,
    duration_ms, quota_charged, quota_returned, credits_charged, credits_refunded)
SELECT user_id, (at AT TIME ZONE 'UTC')::date,
    count(*) FILTER (WHERE kind = 'generation completed'),
    count(*) FILTER (WHERE kind = 'generation partial'),
    count(*) FILTER (WHERE kind = 'generation failed'),
    count(*) FILTER (WHERE kind = 'generation cancelled'),
    count(*) FILTER (WHERE kind = 'picture completed'),
    count(*) FILTER (WHERE kind = 'picture failed'),
    count(*) FILTER (WHERE kind = 'picture cancelled'),
    coalesce(sum(amount) FILTER (WHERE kind = 'picture completed'), 0),
    coalesce(sum(amount) FILTER (WHERE kind IN (
        'generation completed', 'generation partial', 'generation failed')), 0),
    coalesce(sum(quota), 0),
    coalesce(sum(returned), 0),
    coalesce(-sum(amount) FILTER (WHERE kind = 'charge'), 0),
    coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)
FROM (
    SELECT user_id, settled_at AS at, 'generation ' || status AS kind,
        round(extract(epoch FROM settled_at - created_at) * 1000) AS amount,
        quota_charged AS quota, quota_returned AS returned
    FROM pose_generations WHERE settled_at IS NOT NULL
    UNION ALL
    SELECT g.user_id, i.created_at, 'picture ' || i.status, i.generation_time_ms, 0, 0
    FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id WHERE g.settled_at IS NOT NULL
    UNION ALL
    SELECT user_id, created_at, type, amount_credits, 0, 0 FROM credits WHERE type IN ('charge', 'refund')
) AS happened
GROUP BY 1, 2;

INSERT INTO user_poses (user_id, pose_id, pictures)
SELECT g.user_id, i.pose_id, count(*)
FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id
WHERE g.settled_at IS NOT NULL AND i.status = 'completed' AND i.pose_id IS NOT NULL
GROUP BY 1, 2;
"""

INDEXES = """
CREATE INDEX credits_by_time ON credits (created_at);
CREATE INDEX generations_by_end ON pose_generations (settled_at);
CREATE INDEX items_favorite ON generated_poses (generation_id) WHERE is_favorite;
"""

# An index answers alone only what it carries along.
BY_TIME = """
DROP INDEX items_delivered_by_time, items_undelivered_by_time;
CREATE INDEX items_delivered_by_time ON generated_poses (created_at) INCLUDE ({delivered})
    WHERE status = 'completed';
CREATE INDEX items_undelivered_by_time ON generated_poses (created_at) INCLUDE ({undelivered})
    WHERE status <> 'completed';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(LEDGER)
    op.execute(COUNT_WHAT_IS_THERE)
    op.execute(INDEXES)
    op.execute(BY_TIME.format(delivered="generation_time_ms, pose_id", undelivered="error_code, provider"))


def downgrade() -> None:
    op.execute(BY_TIME.format(delivered="generation_time_ms", undelivered="error_code"))
    op.execute("DROP INDEX items_favorite, generations_by_end, credits_by_time")
    op.execute("DROP TRIGGER count_entry ON credits")
    op.execute("DROP FUNCTION count_entry()")
    op.execute("DROP TABLE user_poses, user_days")
