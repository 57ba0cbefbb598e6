"""Pictures of avatars, projects and pose requests are uploads; a generation says which one it goes by."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Addresses that were given before were never fetched, and nothing was made with them.
UP = """
ALTER TABLE uploads DROP COLUMN key;

ALTER TABLE avatars
    DROP COLUMN image_key,
    ADD COLUMN image_id VARCHAR REFERENCES uploads (id),
    ADD CONSTRAINT gender_known CHECK (gender IN ('female', 'male', 'non-binary')),
    ADD CONSTRAINT age_range_known CHECK
        (age_range IN ('18-24', '25-34', '35-44', '45-54', '55-64', '65+'));
CREATE INDEX avatars_of_image ON avatars (image_id) WHERE image_id IS NOT NULL;

ALTER TABLE pose_generator_projects
    DROP COLUMN avatar_image_url,
    ADD COLUMN avatar_image_id VARCHAR REFERENCES uploads (id);
CREATE INDEX projects_of_image ON pose_generator_projects (avatar_image_id)
    WHERE avatar_image_id IS NOT NULL;

ALTER TABLE pose_requests
    DROP COLUMN reference_image_url,
    ADD COLUMN reference_image_id VARCHAR REFERENCES uploads (id);
CREATE INDEX pose_requests_of_image ON pose_requests (reference_image_id)
    WHERE reference_image_id IS NOT NULL;

ALTER TABLE pose_generations
    ADD COLUMN avatar_image_id VARCHAR REFERENCES uploads (id) ON DELETE SET NULL;
CREATE INDEX generations_of_image ON pose_generations (avatar_image_id) WHERE avatar_image_id IS NOT NULL;

DROP INDEX ix_avatar_usage_history_avatar_id;
CREATE INDEX usage_of_avatar ON avatar_usage_history (avatar_id, id);
"""

DOWN = """
DELETE FROM uploads;
ALTER TABLE uploads ADD COLUMN key VARCHAR NOT NULL;
DROP INDEX usage_of_avatar;
CREATE INDEX ix_avatar_usage_history_avatar_id ON avatar_usage_history (avatar_id);
ALTER TABLE pose_generations DROP COLUMN avatar_image_id;
ALTER TABLE pose_requests DROP COLUMN reference_image_id, ADD COLUMN reference_image_url VARCHAR;
ALTER TABLE pose_generator_projects DROP COLUMN avatar_image_id, ADD COLUMN avatar_image_url VARCHAR;
ALTER TABLE avatars
    DROP COLUMN image_id,
    DROP CONSTRAINT gender_known,
    DROP CONSTRAINT age_range_known,
    ADD COLUMN image_key VARCHAR;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
