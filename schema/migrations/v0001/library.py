"""The pose library and what users ask of it."""

SQL = """
CREATE TABLE pose_categories (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    parent_id VARCHAR,
    description VARCHAR,
    position INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (parent_id) REFERENCES pose_categories (id) ON DELETE RESTRICT
);
CREATE INDEX ix_pose_categories_parent_id ON pose_categories (parent_id);

CREATE TABLE pose_library (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    category_id VARCHAR NOT NULL,
    keypoints JSONB NOT NULL,
    preview_image_key VARCHAR,
    reference_image_key VARCHAR,
    controlnet_image_key VARCHAR,
    thumbnail_key VARCHAR,
    difficulty VARCHAR NOT NULL,
    gender_suitability VARCHAR NOT NULL,
    tags TEXT[] NOT NULL,
    source_type VARCHAR NOT NULL,
    source_credit VARCHAR,
    license_type VARCHAR NOT NULL,
    usage_count INTEGER NOT NULL,
    favorite_count INTEGER NOT NULL,
    rating_avg FLOAT NOT NULL,
    popularity_score FLOAT NOT NULL,
    is_public BOOLEAN NOT NULL,
    is_featured BOOLEAN NOT NULL,
    is_premium BOOLEAN NOT NULL,
    content_hash VARCHAR,
    retired_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (setweight(to_tsvector('simple', name), 'A') ||
        setweight(to_tsvector('simple', joined(tags)), 'B') || setweight(to_tsvector('simple',
        description), 'C')) STORED,
    PRIMARY KEY (id),
    CONSTRAINT difficulty_known CHECK (difficulty IN ('beginner', 'intermediate', 'advanced')),
    CONSTRAINT gender_suitability_known CHECK (gender_suitability IN ('male', 'female', 'unisex')),
    CONSTRAINT usage_count_least CHECK (usage_count >= 0),
    CONSTRAINT favorite_count_least CHECK (favorite_count >= 0),
    CONSTRAINT keypoints_18 CHECK (jsonb_array_length(keypoints) = 18),
    FOREIGN KEY (category_id) REFERENCES pose_categories (id) ON DELETE RESTRICT
) WITH (fillfactor = 70);
CREATE INDEX ix_pose_library_category_id ON pose_library (category_id);
CREATE INDEX pose_library_search ON pose_library USING gin (search);
CREATE INDEX pose_library_similar_name ON pose_library USING gin (name gin_trgm_ops);
CREATE INDEX pose_library_tags ON pose_library USING gin (tags);

CREATE TABLE pose_favorites (
    user_id VARCHAR NOT NULL,
    pose_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, pose_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (pose_id) REFERENCES pose_library (id) ON DELETE CASCADE
);
CREATE INDEX ix_pose_favorites_pose_id ON pose_favorites (pose_id);

CREATE TABLE pose_requests (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    pose_name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    reference_image_url VARCHAR,
    category_id VARCHAR,
    use_case VARCHAR,
    status VARCHAR NOT NULL,
    vote_count INTEGER NOT NULL,
    admin_notes VARCHAR,
    completed_pose_id VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('pending', 'approved', 'in_progress', 'rejected',
        'completed')),
    CONSTRAINT vote_count_least CHECK (vote_count >= 0),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (category_id) REFERENCES pose_categories (id) ON DELETE SET NULL,
    FOREIGN KEY (completed_pose_id) REFERENCES pose_library (id) ON DELETE SET NULL
);
CREATE INDEX ix_pose_requests_user_id ON pose_requests (user_id);
CREATE INDEX pose_requests_by_votes ON pose_requests (vote_count, created_at, id);

CREATE TABLE pose_request_votes (
    id SERIAL NOT NULL,
    request_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (request_id, user_id),
    FOREIGN KEY (request_id) REFERENCES pose_requests (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_pose_request_votes_user_id ON pose_request_votes (user_id);
"""
