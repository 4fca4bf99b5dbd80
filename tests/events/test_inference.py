from datetime import UTC, datetime

import pytest

from insights_mcp.local.events.inference import infer_type

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "value", "type_"),
    [
        ("plan", "pro", "String"),
        ("plan", "", "String"),
        ("seats", 5, "Numeric"),
        ("seats", 5.5, "Numeric"),
        ("seats", "5", "String"),
        ("active", True, "Boolean"),
        ("active", "true", "Boolean"),
        ("active", "True", "String"),
        ("anything", "2026-10-01", "DateTime"),
        ("anything", "2026-10-01T08:00:00Z", "DateTime"),
        ("anything", "2026-10-01 08:00:00 whatever follows", "DateTime"),
        ("anything", "Thu, 01 Oct 2026 10:00:00 +0200", "DateTime"),
        ("signed_up_at", 1790841600, "DateTime"),
        ("loadTime", 1790841600, "DateTime"),
        ("signed_up_at", 12, "Numeric"),
        ("anything", 1790841600, "Numeric"),
        ("utm_campaign", 7, "String"),
        ("$initial_utm_campaign", 7, "String"),
        ("$feature/checkout", True, "String"),
        ("$feature_flag_response", True, "String"),
        ("$survey_response_2", 5, "String"),
        ("nothing", None, None),
        ("list", [1], None),
        ("object", {"a": 1}, None),
    ],
)
def test_type_follows_from_name_and_value(key: str, value: object, type_: str | None) -> None:
    assert infer_type(key, value, NOW) == type_
