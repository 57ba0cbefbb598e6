"""Everything the first release keeps."""

from alembic import op

from schema.migrations.v0001 import accounts, generations, history, library, rules, search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
    webhook_deliveries, avatar_usage_history, generated_poses, pose_selections, pose_generations,
    pose_generator_projects, pose_request_votes, pose_requests, pose_favorites, pose_library, pose_categories,
    idempotency_keys, credits, avatars, users
"""
FUNCTIONS = "rate_pose(), move_balance(), place_entry(), refuse(), joined(TEXT[])"


def upgrade() -> None:
    op.execute(search.SQL)
    op.execute(accounts.SQL)
    op.execute(library.SQL)
    op.execute(generations.SQL)
    op.execute(history.SQL)
    op.execute(rules.LEDGER)
    op.execute(rules.FATES)
    op.execute(rules.POPULARITY)


def downgrade() -> None:
    """pg_trgm stays: it may have been there before, and others may use it."""
    op.execute(f"DROP TABLE {TABLES}")
    op.execute(f"DROP FUNCTION {FUNCTIONS}")
