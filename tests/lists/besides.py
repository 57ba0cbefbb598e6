"""What else users keep: a little of everything for each of them."""

BESIDES = """
    INSERT INTO avatars (id, user_id, name, usage_count, created_at)
    SELECT 'avatar_' || id || n, id, 'Avatar ' || n, 0, created_at
    FROM users CROSS JOIN generate_series(1, 3) AS n;
    INSERT INTO avatar_usage_history (avatar_id, generation_id, created_at)
    SELECT 'avatar_' || user_id || 1, id, created_at FROM orders ORDER BY n;
    INSERT INTO uploads (id, user_id, purpose, sha256, width, height, size_bytes, created_at)
    SELECT 'file_' || id || n, id, 'avatar', md5(id || n), 1024, 1024, 500000, created_at
    FROM users CROSS JOIN generate_series(1, 3) AS n;
    INSERT INTO pose_library (id, name, description, project_id, keypoints, difficulty, gender_suitability,
        tags, source_type, license_type, usage_count, favorite_count, rating_avg, popularity_score, is_public,
        is_featured, is_premium, created_at, updated_at)
    SELECT 'pose_own' || users.id || poses.n, name, description, 'proj_' || users.id, keypoints, 'beginner',
        'unisex', '{}', 'original', 'CC0-1.0', 0, 0, 0, 0, false, false, false, created_at, created_at
    FROM users JOIN poses ON poses.n < 3;
    INSERT INTO pose_requests (id, user_id, pose_name, description, status, vote_count, created_at)
    SELECT 'req_' || id, id, 'Juggling', 'Three balls', 'pending', 0, created_at FROM users;
    INSERT INTO shares (id, generation_id, token_hash, item_ids, allow_download, expires_at, created_at)
    SELECT 'share_' || id, generation_id, md5(id), ARRAY[id], false, now() + interval '1 day', now()
    FROM generated_poses WHERE status = 'completed' AND index = 2;
    INSERT INTO pose_favorites (user_id, pose_id, created_at)
    SELECT users.id, poses.id, users.created_at FROM users CROSS JOIN poses WHERE poses.n < 5;
    INSERT INTO webhook_deliveries (id, user_id, generation_id, event, url, host, body, status, attempts,
        last_status, delivered_at, created_at)
    SELECT 'msg_' || substr(id, 5), user_id, id, 'generation.completed', 'https://shop.example/hook',
        'shop.example', '{}', 'delivered', 1, 204, created_at + interval '3 minutes', created_at
    FROM orders WHERE NOT running;
    INSERT INTO background_changes (id, user_id, generation_id, item_id, status, background, seed,
        credit_charged, credit_refunded, quota_charged, quota_returned, before_image_key, image_key,
        created_at, ended_at)
    SELECT 'change_' || substr(id, 6), user_id, generation_id, id, 'completed',
        '{"mode": "solid_color", "color": "#FFFFFF"}', 1, 10, 0, 0, 0, 'generated/' || id, image_key,
        created_at, created_at
    FROM generated_poses JOIN (SELECT generation_id, user_id FROM pictures GROUP BY 1, 2) AS whose
        USING (generation_id)
    WHERE status = 'completed' AND index % 30 = 3;
    UPDATE generated_poses SET original_image_key = before_image_key
    FROM background_changes WHERE item_id = generated_poses.id
"""
