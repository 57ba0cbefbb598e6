"""Lists and search that stay fast in a large library: the words it knows, and an index for every order."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Spelling asks which words there are: read out of all poses, that takes seconds in a large library.
WORDS = """
CREATE TABLE pose_words (
    word VARCHAR NOT NULL,
    PRIMARY KEY (word)
);
CREATE INDEX pose_words_similar ON pose_words USING gin (word gin_trgm_ops);

CREATE FUNCTION learn_words() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pose_words (word) SELECT unnest(tsvector_to_array(NEW.search)) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER learn_words AFTER INSERT OR UPDATE OF name, description, tags, is_public ON pose_library
    FOR EACH ROW WHEN (NEW.is_public) EXECUTE FUNCTION learn_words();
INSERT INTO pose_words (word)
    SELECT DISTINCT unnest(tsvector_to_array(search)) FROM pose_library WHERE is_public;
"""

VISIBLE = "WHERE is_public AND retired_at IS NULL"
INDEXES = {
    "pose_library_counts": "category_id, difficulty, gender_suitability, is_featured, is_premium",
    "pose_library_by_relevance": "is_featured, popularity_score, id DESC",
    "pose_library_by_popularity": "popularity_score, id DESC",
    "pose_library_by_time": "created_at, id DESC",
    "pose_library_by_name": "lower(name::text), id",
    "pose_library_by_rating": "rating_avg, id DESC",
    "pose_library_by_usage": "usage_count, id DESC",
}


def upgrade() -> None:
    op.execute(WORDS)
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON pose_library ({columns}) {VISIBLE}")
    op.execute("CREATE INDEX pose_library_by_change ON pose_library (updated_at)")
    op.execute("DROP INDEX pose_library_similar_name")


def downgrade() -> None:
    op.execute("CREATE INDEX pose_library_similar_name ON pose_library USING gin (name gin_trgm_ops)")
    for name in (*INDEXES, "pose_library_by_change"):
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP TRIGGER learn_words ON pose_library")
    op.execute("DROP FUNCTION learn_words()")
    op.execute("DROP TABLE pose_words")
