"""What tells one question from another: the query as it runs, and what else its answer depends on."""

import hashlib
import json
from collections.abc import Mapping

from insights_mcp.local.queries.context import TeamFacts
from insights_mcp.schema.queries import SourceQuery, dump_query

# Raised when answers change their shape, so that stored ones are not mistaken for new ones.
_VERSION = 1
# Parts of a query that change nothing about its answer.
_IRRELEVANT = ("version", "tags", "response", "dataColorTheme", "name")


def cache_key(team: TeamFacts, query: SourceQuery, limit_context: str | None) -> str:
    """Return the key under which the answer of a query is stored."""
    asked = {key: value for key, value in dump_query(query).items() if key not in _IRRELEVANT}
    facts: Mapping[str, object] = {
        "version": _VERSION,
        "query": asked,
        "timezone": team.timezone,
        "week_start_day": team.week_start_day,
        "test_account_filters": list(team.test_account_filters),
        "path_cleaning_filters": list(team.path_cleaning_filters),
        "settings": dict(team.settings),
        "limit_context": limit_context,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return f"cache_{team.id}_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
