"""What the library's generated columns need: pg_trgm, and an immutable way to read tags as text."""

SQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION joined(words TEXT[]) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_to_string(words, ' ');
"""
