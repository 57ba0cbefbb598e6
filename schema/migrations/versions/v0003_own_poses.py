"""Poses of a project's own, poses that admins keep, and use cases of pose requests."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The words of a private pose must not turn up where others mistype theirs.
LEARN = """
DROP TRIGGER learn_words ON pose_library;
CREATE TRIGGER learn_words AFTER INSERT OR UPDATE OF name, description, tags ON pose_library
    FOR EACH ROW {condition} EXECUTE FUNCTION learn_words();
"""

UP = """
ALTER TABLE pose_library
    ALTER COLUMN category_id DROP NOT NULL,
    ADD COLUMN project_id VARCHAR REFERENCES pose_generator_projects (id) ON DELETE CASCADE,
    ADD COLUMN edited_at TIMESTAMPTZ,
    ADD CONSTRAINT category_or_project CHECK ((category_id IS NULL) = (project_id IS NOT NULL)),
    ADD CONSTRAINT custom_is_private CHECK (project_id IS NULL OR NOT is_public);
CREATE INDEX pose_library_of_project ON pose_library (project_id, created_at, id)
    WHERE project_id IS NOT NULL;
ALTER TABLE pose_requests
    ADD CONSTRAINT use_case_known CHECK (use_case IN ('e-commerce', 'professional', 'social'));
"""

# Without a project they would be nobody's; what was made with them keeps its own copy of the pose.
DOWN = """
ALTER TABLE pose_requests DROP CONSTRAINT use_case_known;
DELETE FROM pose_library WHERE project_id IS NOT NULL;
ALTER TABLE pose_library
    DROP COLUMN project_id,
    DROP COLUMN edited_at,
    ALTER COLUMN category_id SET NOT NULL;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(LEARN.format(condition="WHEN (NEW.project_id IS NULL)"))


def downgrade() -> None:
    op.execute(LEARN.format(condition=""))
    op.execute(DOWN)
