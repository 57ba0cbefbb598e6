"""What no code, however wrong, can do to money and to fates.

An entry moves the balance by two triggers. The first takes the user's lock, so that entries of one user come
one after another, and says what the balance will be. The second moves it, and only for entries that were
truly inserted: `ON CONFLICT DO NOTHING` runs the first one in vain.
"""

LEDGER = """
CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation',
        CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END $$;

CREATE FUNCTION place_entry() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    balance INTEGER;
    still_charged BIGINT;
BEGIN
    PERFORM 1 FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
    -- Not the user's own column: earlier entries of this very statement have not moved it yet.
    SELECT balance_after_credits INTO balance FROM credits
        WHERE user_id = NEW.user_id ORDER BY id DESC LIMIT 1;
    -- A number drawn before the lock could be out of order.
    NEW.id = nextval(pg_get_serial_sequence('credits', 'id'));
    NEW.balance_after_credits = coalesce(balance, 0) + NEW.amount_credits;
    IF NEW.type = 'refund' THEN
        SELECT -sum(amount_credits) INTO still_charged FROM credits
            WHERE reference_type = NEW.reference_type AND reference_id = NEW.reference_id
                AND user_id = NEW.user_id AND type IN ('charge', 'refund');
        IF NEW.amount_credits > coalesce(still_charged, 0) THEN
            RAISE EXCEPTION USING MESSAGE = 'refunds may not exceed the charge', ERRCODE = 'check_violation',
                CONSTRAINT = 'refund_within_charge', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER place_entry BEFORE INSERT ON credits FOR EACH ROW EXECUTE FUNCTION place_entry();

CREATE FUNCTION move_balance() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET balance_credits = NEW.balance_after_credits WHERE id = NEW.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER move_balance AFTER INSERT ON credits FOR EACH ROW EXECUTE FUNCTION move_balance();

CREATE TRIGGER entries_are_final BEFORE UPDATE OR DELETE ON credits FOR EACH ROW
    EXECUTE FUNCTION refuse('ledger entries are never changed or deleted');
CREATE TRIGGER entries_are_kept BEFORE TRUNCATE ON credits FOR EACH STATEMENT
    EXECUTE FUNCTION refuse('ledger entries are never changed or deleted');

-- Depth 0 is a statement of a client; the ledger's trigger comes from depth 1.
CREATE TRIGGER balance_moves_by_entries BEFORE UPDATE ON users FOR EACH ROW
    WHEN (NEW.balance_credits <> OLD.balance_credits AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION refuse('only a ledger entry moves a balance');
CREATE TRIGGER balance_begins_empty BEFORE INSERT ON users FOR EACH ROW
    WHEN (NEW.balance_credits <> 0)
    EXECUTE FUNCTION refuse('only a ledger entry moves a balance');
"""

FATES = """
CREATE TRIGGER paid_is_final BEFORE UPDATE ON pose_generations FOR EACH ROW
    WHEN ((NEW.id, NEW.user_id, NEW.total_expected_poses, NEW.item_price_credits, NEW.credit_charged,
           NEW.quota_charged, NEW.quota_window_ends_at)
        IS DISTINCT FROM (OLD.id, OLD.user_id, OLD.total_expected_poses, OLD.item_price_credits,
           OLD.credit_charged, OLD.quota_charged, OLD.quota_window_ends_at))
    EXECUTE FUNCTION refuse('what was paid for does not change');
CREATE TRIGGER settled_is_final BEFORE UPDATE ON pose_generations FOR EACH ROW
    WHEN (OLD.settled_at IS NOT NULL AND
          (NEW.status, NEW.poses_completed, NEW.poses_failed, NEW.credit_refunded, NEW.quota_returned,
           NEW.error_code, NEW.progress_version, NEW.settled_at)
        IS DISTINCT FROM (OLD.status, OLD.poses_completed, OLD.poses_failed, OLD.credit_refunded,
           OLD.quota_returned, OLD.error_code, OLD.progress_version, OLD.settled_at))
    EXECUTE FUNCTION refuse('a settled generation does not change');
CREATE TRIGGER running_is_kept BEFORE DELETE ON pose_generations FOR EACH ROW
    WHEN (OLD.settled_at IS NULL)
    EXECUTE FUNCTION refuse('a generation that is not settled still owes pictures or credits');

CREATE TRIGGER fate_is_final BEFORE UPDATE ON generated_poses FOR EACH ROW
    WHEN ((NEW.id, NEW.generation_id, NEW.index, NEW.status, NEW.error_code, NEW.credit_refunded)
        IS DISTINCT FROM
          (OLD.id, OLD.generation_id, OLD.index, OLD.status, OLD.error_code, OLD.credit_refunded))
    EXECUTE FUNCTION refuse('the fate of an item does not change');
-- Deeper than 0 is the deletion of its generation.
CREATE TRIGGER fate_is_kept BEFORE DELETE ON generated_poses FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION refuse('an item goes only with its generation');
"""

POPULARITY = """
CREATE FUNCTION rate_pose() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.popularity_score = NEW.usage_count + 5 * NEW.favorite_count;
    RETURN NEW;
END $$;
CREATE TRIGGER rate_pose BEFORE INSERT OR UPDATE ON pose_library FOR EACH ROW EXECUTE FUNCTION rate_pose();
"""
