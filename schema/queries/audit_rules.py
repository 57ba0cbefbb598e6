"""The rules of the audit: each query answers the rows that break its rule, as (subject, details)."""

from schema.queries import figures
from schema.queries.figures import ENDS, MONEY, PICTURES

USER_DAYS = """
    SELECT coalesce(kept.user_id, again.user_id), format('%s: kept %s, counted %s',
        coalesce(kept.day, again.day), row_to_json(kept), row_to_json(again))
    FROM ({kept}) AS kept
    FULL JOIN ({again}) AS again ON (again.user_id, again.day) = (kept.user_id, kept.day)
    WHERE ROW(kept.*) IS DISTINCT FROM ROW(again.*)"""
COUNTED_AGAIN = figures.counted(
    PICTURES.format(where="g.settled_at IS NOT NULL"),
    ENDS.format(where="g.settled_at IS NOT NULL"),
    MONEY.format(where="true"),
)

RULES = {
    "the balance is the sum of the entries": """
        SELECT u.id, format('balance %s, entries %s', u.balance_credits, coalesce(c.total, 0))
        FROM users u
        LEFT JOIN (SELECT user_id, sum(amount_credits) AS total FROM credits GROUP BY user_id) c
            ON c.user_id = u.id
        WHERE u.balance_credits <> coalesce(c.total, 0)""",
    "each entry continues the one before": """
        SELECT entry.id::text, format('user %s, balance after it %s, should be %s',
            user_id, balance_after_credits, before + amount_credits)
        FROM (
            SELECT *, coalesce(lag(balance_after_credits) OVER in_order, 0) AS before
            FROM credits WINDOW in_order AS (PARTITION BY user_id ORDER BY id)
        ) AS entry
        WHERE balance_after_credits <> before + amount_credits""",
    "a generation's money is what the ledger says": """
        SELECT g.id, format('row: charged %s, refunded %s; ledger: charged %s, refunded %s', g.credit_charged,
            g.credit_refunded, coalesce(c.charged, 0), coalesce(c.refunded, 0))
        FROM pose_generations g
        LEFT JOIN (
            SELECT reference_id, user_id, -sum(amount_credits) FILTER (WHERE type = 'charge') AS charged,
                coalesce(sum(amount_credits) FILTER (WHERE type = 'refund'), 0) AS refunded
            FROM credits WHERE reference_type = 'generation' GROUP BY reference_id, user_id
        ) AS c ON c.reference_id = g.id AND c.user_id = g.user_id
        WHERE g.credit_charged <> coalesce(c.charged, 0) OR g.credit_refunded <> coalesce(c.refunded, 0)""",
    "whoever paid has a generation": """
        SELECT c.id::text, format('user %s paid %s for %s', c.user_id, -c.amount_credits, c.reference_id)
        FROM credits c
        LEFT JOIN pose_generations g ON g.id = c.reference_id
        WHERE c.reference_type = 'generation' AND c.type = 'charge' AND g.id IS NULL""",
    "a generation counts its items": """
        SELECT g.id, format('row: completed %s, failed %s, refunded %s; items: %s, %s, %s', g.poses_completed,
            g.poses_failed, g.credit_refunded, coalesce(i.completed, 0), coalesce(i.failed, 0),
            coalesce(i.refunded, 0))
        FROM pose_generations g
        LEFT JOIN (
            SELECT generation_id, count(*) FILTER (WHERE status = 'completed') AS completed,
                count(*) FILTER (WHERE status <> 'completed') AS failed, sum(credit_refunded) AS refunded
            FROM generated_poses GROUP BY generation_id
        ) AS i ON i.generation_id = g.id
        WHERE (g.poses_completed, g.poses_failed, g.credit_refunded)
            <> (coalesce(i.completed, 0), coalesce(i.failed, 0), coalesce(i.refunded, 0))""",
    "a settled generation keeps the price of what it delivered": """
        SELECT id, format('charged %s, refunded %s, delivered %s at %s', credit_charged, credit_refunded,
            poses_completed, item_price_credits)
        FROM pose_generations
        WHERE settled_at IS NOT NULL AND quota_charged = 0
            AND credit_charged - credit_refunded <> item_price_credits * poses_completed""",
    "a settled generation has every item once": """
        SELECT g.id, format('%s items of %s, the last %s', count(i.id), g.total_expected_poses, max(i.index))
        FROM pose_generations g
        LEFT JOIN generated_poses i ON i.generation_id = g.id
        WHERE g.settled_at IS NOT NULL
        GROUP BY g.id
        HAVING count(i.id) <> g.total_expected_poses OR max(i.index) <> g.total_expected_poses - 1""",
    "no item lies outside its generation": """
        SELECT i.id, format('index %s of %s', i.index, g.total_expected_poses)
        FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id
        WHERE i.index >= g.total_expected_poses""",
    "quota is kept for what was delivered": """
        SELECT id, format('taken %s, returned %s, delivered %s',
            quota_charged, quota_returned, poses_completed)
        FROM pose_generations
        WHERE settled_at IS NOT NULL AND quota_charged > 0
            AND quota_charged - quota_returned < poses_completed""",
    "a background change's money is what the ledger says": """
        SELECT coalesce(b.id, c.reference_id), format('row: charged %s, refunded %s; ledger: charged %s, '
            'refunded %s', b.credit_charged, b.credit_refunded, c.charged, c.refunded)
        FROM background_changes b
        FULL JOIN (
            SELECT reference_id, user_id, coalesce(-sum(amount_credits) FILTER (WHERE type = 'charge'), 0)
                AS charged, coalesce(sum(amount_credits) FILTER (WHERE type = 'refund'), 0) AS refunded
            FROM credits WHERE reference_type = 'background_change' GROUP BY reference_id, user_id
        ) AS c ON c.reference_id = b.id AND c.user_id = b.user_id
        WHERE b.id IS NULL OR (b.credit_charged, b.credit_refunded)
            <> (coalesce(c.charged, 0), coalesce(c.refunded, 0))""",
    "a changed background is kept with its picture": """
        SELECT b.id, format('item %s keeps no original', i.id)
        FROM background_changes b JOIN generated_poses i ON i.id = b.item_id
        WHERE b.status = 'completed' AND i.original_image_key IS NULL""",
    "a user's quota is what the window's generations took": """
        SELECT u.id, format('used %s, taken %s', u.unlimited_used_items, coalesce(sum(g.taken), 0))
        FROM users u
        LEFT JOIN (
            SELECT user_id, quota_window_ends_at, quota_charged - quota_returned AS taken
            FROM pose_generations WHERE quota_charged > 0
            UNION ALL
            SELECT user_id, quota_window_ends_at, quota_charged - quota_returned
            FROM background_changes WHERE quota_charged > 0
        ) AS g ON g.user_id = u.id AND g.quota_window_ends_at = u.unlimited_window_ends_at
        GROUP BY u.id
        HAVING u.unlimited_used_items <> coalesce(sum(g.taken), 0)""",
    "a user's days count what happened": USER_DAYS.format(kept=figures.kept("true"), again=COUNTED_AGAIN),
    "a user's poses count the delivered pictures": """
        SELECT coalesce(kept.user_id, again.user_id), format('pose %s: kept %s, counted %s',
            coalesce(kept.pose_id, again.pose_id), kept.pictures, again.pictures)
        FROM user_poses AS kept
        FULL JOIN (
            SELECT g.user_id, i.pose_id, count(*) AS pictures
            FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id
            WHERE g.settled_at IS NOT NULL AND i.status = 'completed' AND i.pose_id IS NOT NULL
            GROUP BY 1, 2
        ) AS again ON (again.user_id, again.pose_id) = (kept.user_id, kept.pose_id)
        WHERE kept.pictures IS DISTINCT FROM again.pictures""",
}
