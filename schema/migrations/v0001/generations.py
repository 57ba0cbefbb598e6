"""Projects, generations and their items."""

SQL = """
CREATE TABLE pose_generator_projects (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    project_name VARCHAR NOT NULL,
    description VARCHAR,
    status VARCHAR NOT NULL,
    avatar_source VARCHAR NOT NULL,
    avatar_id VARCHAR,
    avatar_image_url VARCHAR,
    total_generations INTEGER NOT NULL,
    total_poses INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('active', 'archived', 'deleted')),
    CONSTRAINT avatar_source_known CHECK (avatar_source IN ('AVATAR_CREATOR', 'UPLOAD')),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (avatar_id) REFERENCES avatars (id) ON DELETE SET NULL
);
CREATE INDEX ix_pose_generator_projects_avatar_id ON pose_generator_projects (avatar_id);
CREATE INDEX projects_of_user ON pose_generator_projects (user_id, created_at, id);

CREATE TABLE pose_generations (
    id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL,
    generation_type VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    text_prompt VARCHAR,
    prompt VARCHAR,
    batch_size INTEGER NOT NULL,
    output_formats TEXT[] NOT NULL,
    seed BIGINT NOT NULL,
    background JSONB,
    avatar_id VARCHAR,
    webhook_url VARCHAR,
    retry_of VARCHAR,
    total_expected_poses INTEGER NOT NULL,
    poses_completed INTEGER NOT NULL,
    poses_failed INTEGER NOT NULL,
    item_price_credits INTEGER NOT NULL,
    credit_charged INTEGER NOT NULL,
    credit_refunded INTEGER NOT NULL,
    quota_charged INTEGER NOT NULL,
    quota_returned INTEGER NOT NULL,
    quota_window_ends_at TIMESTAMPTZ,
    generated_pose_structure JSONB,
    error_code VARCHAR,
    progress_version INTEGER NOT NULL,
    estimated_completion_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('pending', 'processing', 'paused', 'completed', 'partial',
        'failed', 'cancelled')),
    CONSTRAINT generation_type_known CHECK (generation_type IN ('GALLERY_REFERENCE', 'TEXT_DESCRIPTION')),
    CONSTRAINT total_expected_poses_range CHECK (total_expected_poses BETWEEN 1 AND 500),
    CONSTRAINT counts_fit CHECK (poses_completed + poses_failed <= total_expected_poses),
    CONSTRAINT refund_within_charge CHECK (credit_refunded BETWEEN 0 AND credit_charged),
    CONSTRAINT quota_within_charge CHECK (quota_returned BETWEEN 0 AND quota_charged),
    CONSTRAINT paid_one_way CHECK (credit_charged = 0 OR quota_charged = 0),
    CONSTRAINT settled_is_terminal CHECK ((settled_at IS NULL) = (status IN ('pending', 'processing',
        'paused'))),
    CONSTRAINT poses_completed_least CHECK (poses_completed >= 0),
    CONSTRAINT poses_failed_least CHECK (poses_failed >= 0),
    CONSTRAINT credit_charged_least CHECK (credit_charged >= 0),
    CONSTRAINT quota_charged_least CHECK (quota_charged >= 0),
    CONSTRAINT item_price_credits_least CHECK (item_price_credits >= 0),
    CONSTRAINT paid_in_full CHECK (quota_charged = total_expected_poses OR credit_charged =
        item_price_credits * total_expected_poses),
    CONSTRAINT settled_is_whole CHECK (settled_at IS NULL OR poses_completed + poses_failed =
        total_expected_poses),
    CONSTRAINT settled_is_fair CHECK (settled_at IS NULL OR CASE WHEN quota_charged > 0 THEN quota_charged
        - quota_returned >= poses_completed ELSE credit_charged - credit_refunded = item_price_credits *
        poses_completed END),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (project_id) REFERENCES pose_generator_projects (id) ON DELETE CASCADE,
    FOREIGN KEY (avatar_id) REFERENCES avatars (id) ON DELETE SET NULL,
    FOREIGN KEY (retry_of) REFERENCES pose_generations (id) ON DELETE SET NULL
) WITH (fillfactor = 80);
CREATE INDEX generations_by_time ON pose_generations (created_at);
CREATE INDEX generations_of_avatar ON pose_generations (avatar_id) WHERE avatar_id IS NOT NULL;
CREATE INDEX generations_of_project ON pose_generations (project_id, created_at, id);
CREATE INDEX generations_of_user ON pose_generations (user_id, created_at, id);
CREATE INDEX generations_of_user_by_status ON pose_generations (user_id, status, created_at, id);
CREATE INDEX generations_retried ON pose_generations (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX generations_running ON pose_generations (user_id, id) WHERE settled_at IS NULL;

CREATE TABLE pose_selections (
    generation_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    pose_id VARCHAR,
    name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    keypoints JSONB,
    variations INTEGER NOT NULL,
    PRIMARY KEY (generation_id, position),
    UNIQUE (generation_id, pose_id),
    CONSTRAINT variations_least CHECK (variations >= 1),
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE,
    FOREIGN KEY (pose_id) REFERENCES pose_library (id) ON DELETE SET NULL
);
CREATE INDEX ix_pose_selections_pose_id ON pose_selections (pose_id);

CREATE TABLE generated_poses (
    id VARCHAR NOT NULL,
    generation_id VARCHAR NOT NULL,
    index INTEGER NOT NULL,
    position INTEGER NOT NULL,
    pose_id VARCHAR,
    variation INTEGER NOT NULL,
    status VARCHAR NOT NULL,
    version INTEGER,
    attempt INTEGER NOT NULL,
    image_key VARCHAR,
    original_image_key VARCHAR,
    thumbnail_key VARCHAR,
    map_key VARCHAR,
    exports JSONB NOT NULL,
    prompt_used VARCHAR,
    seed_used BIGINT,
    controlnet_weight FLOAT,
    provider VARCHAR,
    model VARCHAR,
    generation_time_ms INTEGER,
    error_code VARCHAR,
    credit_refunded INTEGER NOT NULL,
    is_favorite BOOLEAN NOT NULL,
    download_count INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (generation_id, index),
    CONSTRAINT status_known CHECK (status IN ('completed', 'failed', 'cancelled')),
    CONSTRAINT index_range CHECK (index BETWEEN 0 AND 499),
    CONSTRAINT delivered_has_picture CHECK ((status = 'completed') = (image_key IS NOT NULL)),
    CONSTRAINT failed_has_code CHECK ((status = 'completed') = (error_code IS NULL)),
    CONSTRAINT delivered_not_refunded CHECK (status <> 'completed' OR credit_refunded = 0),
    CONSTRAINT credit_refunded_least CHECK (credit_refunded >= 0),
    FOREIGN KEY (generation_id) REFERENCES pose_generations (id) ON DELETE CASCADE,
    FOREIGN KEY (pose_id) REFERENCES pose_library (id) ON DELETE SET NULL
);
CREATE INDEX items_delivered_by_time ON generated_poses (created_at) INCLUDE (generation_time_ms) WHERE
    status = 'completed';
CREATE INDEX items_undelivered_by_time ON generated_poses (created_at) INCLUDE (error_code) WHERE status
    <> 'completed';
CREATE INDEX ix_generated_poses_pose_id ON generated_poses (pose_id);
"""
