"""Many pictures and all that belongs to them, in a few statements: as a year of business leaves them.

2,000 users, few of them with most of the orders, the busiest with a tenth of all. The rows are what the
service would have written, so `posegen audit` finds nothing wrong with them; the triggers are off meanwhile,
and what they and settling keep is counted the way the migration counts it. What was there before stays.
"""

import psycopg

from schema.migrations.versions import v0004_figures as figures
from tests.lists.besides import BESIDES
from tests.servers.postgres import connect

RUNNING = 40
"""The newest ones, half done."""
BUSIEST = "user_0001"
USERS = 2_000

PEOPLE = f"""
    INSERT INTO users (id, role, is_premium, balance_credits, unlimited_pose_active,
        unlimited_daily_quota_items, unlimited_used_items, created_at)
    SELECT 'user_' || lpad(n::text, 4, '0'), 'user', false, 0, false, 100, 0, now() - interval '366 days'
    FROM generate_series(1, {USERS}) AS n;
    INSERT INTO pose_generator_projects (id, user_id, project_name, status, avatar_source,
        total_generations, total_poses, created_at, updated_at)
    SELECT 'proj_' || id, id, 'Shop', 'active', 'AVATAR_CREATOR', 0, 0, created_at, created_at FROM users
"""

GENERATED = """
    INSERT INTO pose_generations (id, user_id, project_id, generation_type, status, batch_size,
        output_formats, webhook_events, seed, total_expected_poses, poses_completed, poses_failed,
        item_price_credits, credit_charged, credit_refunded, quota_charged, quota_returned, error_code,
        progress_version, estimated_completion_at, created_at, settled_at)
    SELECT orders.id, orders.user_id, 'proj_' || orders.user_id, 'GALLERY_REFERENCE',
        CASE WHEN running THEN 'processing' WHEN failed = 0 THEN 'completed'
            WHEN called_off > 0 THEN 'cancelled' WHEN completed > 0 THEN 'partial' ELSE 'failed' END,
        variations, '{instagram_story,tiktok}', '{}', n, total, completed, failed,
        30, 30 * total, 30 * failed, 0, 0, code, total + 1,
        orders.created_at + interval '1 minute', orders.created_at,
        CASE WHEN NOT running THEN orders.created_at + interval '2.5 seconds' * (9 + total) END
    FROM orders JOIN (
        SELECT generation_id, count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status <> 'completed') AS failed,
            count(*) FILTER (WHERE status = 'cancelled') AS called_off, min(error_code) AS code
        FROM pictures GROUP BY generation_id
    ) AS counts ON generation_id = orders.id
    ORDER BY n;
    INSERT INTO pose_selections (generation_id, position, pose_id, name, description, keypoints, variations)
    SELECT orders.id, position, poses.id, name, description, keypoints,
        least(variations, total - position * variations)
    FROM orders CROSS JOIN LATERAL generate_series(0, (total - 1) / variations) AS position
    JOIN poses ON poses.n = (first_pose + position) % (SELECT count(*) FROM poses);
    INSERT INTO generated_poses (id, generation_id, index, position, pose_id, variation, status, version,
        attempt, image_key, thumbnail_key, map_key, exports, prompt_used, seed_used, controlnet_weight,
        provider, model, generation_time_ms, error_code, credit_refunded,
        is_favorite, download_count, created_at)
    SELECT 'item_' || substr(generation_id, 5) || '_' || lpad(index::text, 3, '0'), generation_id, index,
        position, pose_id, variation, status, index + 2, 1, 'generated/' || image, 'thumbnails/' || image,
        'controlnet/' || md5(pose_id), CASE WHEN image IS NULL THEN '{}'::jsonb ELSE jsonb_build_object(
            'tiktok', jsonb_build_object('key', 'exports/' || image, 'bytes', 123456, 'width', 1080,
                'height', 1920, 'sha256', md5(image) || md5(pose_id), 'media_type', 'image/jpeg')) END,
        'A full-length photograph of a young woman, standing with her arms crossed, in a modern studio',
        index, 0.9, 'fal', 'fal-ai/flux-general',
        CASE status WHEN 'completed' THEN 15000 + index * 97 % 15000 END,
        error_code, CASE status WHEN 'completed' THEN 0 ELSE 30 END,
        status = 'completed' AND index % 50 = 7, 0, created_at
    FROM pictures CROSS JOIN LATERAL (SELECT CASE status WHEN 'completed' THEN
        generation_id || '/' || index || '.png' END AS image) AS made
    ORDER BY created_at
"""

MONEY = """
    INSERT INTO credits (id, user_id, amount_credits, balance_after_credits, type, reference_type,
        reference_id, idempotency_key, description, created_at) OVERRIDING SYSTEM VALUE
    SELECT (SELECT coalesce(max(id), 0) FROM credits) + row_number() OVER (ORDER BY at, key), user_id, amount,
        sum(amount) OVER (PARTITION BY user_id ORDER BY at, key), type, reference_type, reference_id,
        key, '', at
    FROM (
        SELECT user_id, 1000 + 30 * sum(total) AS amount, 'grant' AS type, 'user' AS reference_type,
            user_id AS reference_id, 'grant:' || user_id AS key, now() - interval '366 days' AS at
        FROM orders GROUP BY user_id
        UNION ALL
        SELECT user_id, -30 * total, 'charge', 'generation', id, 'charge:' || id, created_at FROM orders
        UNION ALL
        SELECT user_id, -10, 'charge', 'background_change', id, 'charge:' || id, created_at
        FROM background_changes
        UNION ALL
        SELECT user_id, 30, 'refund', 'generation', generation_id,
            'refund:' || generation_id || ':' || index, created_at
        FROM pictures WHERE status = 'failed'
        UNION ALL
        SELECT user_id, 30 * count(*), 'refund', 'generation', generation_id,
            'refund:' || generation_id || ':rest', max(created_at)
        FROM pictures WHERE status = 'cancelled' GROUP BY user_id, generation_id
    ) AS entries;
    UPDATE users SET balance_credits = total
    FROM (SELECT user_id, sum(amount_credits) AS total FROM credits GROUP BY user_id) AS ledger
    WHERE ledger.user_id = users.id;
    SELECT setval(pg_get_serial_sequence('credits', 'id'), max(id)) FROM credits;
    TRUNCATE user_days, user_poses
"""


def fill(url: str, generations: int) -> None:
    """Of 1 to 39 pictures, 20 on average."""
    rows = (PEOPLE, _orders(generations), GENERATED, BESIDES, MONEY, figures.COUNT_WHAT_IS_THERE)
    with connect(url) as connection:
        connection.execute("SET session_replication_role = replica; SET work_mem = '128MB'")
        connection.execute("SELECT setseed(0)")
        for statements in rows:
            connection.execute(statements.encode())
        connection.execute("VACUUM ANALYZE")


def _orders(count: int) -> str:
    return f"""
    CREATE TEMP TABLE orders AS
    SELECT n, 'gen_01bench' || lpad(n::text, 19, '0') AS id,
        CASE WHEN n % 10 = 0 THEN '{BUSIEST}'
            ELSE 'user_' || lpad((1 + floor({USERS} * random() ^ 3))::int::text, 4, '0') END AS user_id,
        now() - interval '1 hour' - interval '365 days' * ({count} - n) / {count} AS created_at,
        1 + n * 7919 % 39 AS total, (ARRAY[1, 1, 2, 4])[1 + n % 4] AS variations,
        floor(600 * random() ^ 3)::int AS first_pose, n % 25 = 3 AS cancelled,
        n > {count - RUNNING} AS running
    FROM generate_series(1, {count}) AS n;
    CREATE TEMP TABLE poses AS
    SELECT id, name, description, keypoints, row_number() OVER (ORDER BY id) - 1 AS n FROM pose_library
    WHERE is_public;
    CREATE TEMP TABLE pictures AS
    SELECT orders.id AS generation_id, orders.user_id, i AS index, i / variations AS position,
        i % variations AS variation, poses.id AS pose_id, fate.status,
        CASE fate.status WHEN 'failed' THEN
            (ARRAY['PROVIDER_TIMEOUT', 'OUTPUT_MODERATED', 'BAD_IMAGE', 'PROVIDER_REJECTED'])[1 + i % 4]
            WHEN 'cancelled' THEN 'CANCELLED' END AS error_code,
        orders.created_at + interval '2.5 seconds' * (8 + i) AS created_at
    FROM orders CROSS JOIN LATERAL generate_series(0, total - 1) AS i
    JOIN poses ON poses.n = (first_pose + i / variations) % (SELECT count(*) FROM poses)
    CROSS JOIN LATERAL (SELECT CASE WHEN cancelled AND i >= total / 2 THEN 'cancelled'
        WHEN (orders.n * 31 + i * 17) % 33 = 0 THEN 'failed' ELSE 'completed' END AS status) AS fate
    WHERE NOT running OR i <= total / 2;
    ANALYZE orders, poses, pictures
    """


def largest(connection: psycopg.Connection, user_id: str) -> str:
    """Of the user's generations."""
    found = connection.execute(
        "SELECT id FROM pose_generations WHERE user_id = %s AND settled_at IS NOT NULL"
        " ORDER BY total_expected_poses DESC, id LIMIT 1",
        (user_id,),
    ).fetchone()
    assert found is not None
    return str(found[0])
