"""Results of queries, kept until they are outdated."""

_QUERY_CACHE = """
CREATE TABLE query_cache (
    team_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    interval TEXT,
    date_to TEXT,
    data_version INTEGER NOT NULL,
    last_refresh TEXT NOT NULL,
    PRIMARY KEY (team_id, key)
) WITHOUT ROWID;
CREATE INDEX query_cache_by_age ON query_cache (last_refresh);
"""

MIGRATIONS: tuple[tuple[str, str], ...] = (("030_query_cache", _QUERY_CACHE),)
