"""What a request writes to an insight, read and checked before anything is stored (facts/rest-api.md 5, 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from insights_mcp.local.app.fields import Fields, read_flag, read_integer, read_keys, read_list, read_text
from insights_mcp.local.app.http import Call
from insights_mcp.local.app.insight_queries import check_query
from insights_mcp.local.problems import forbidden, invalid, unparsable
from insights_mcp.local.store.tags import normalize_tags

MAX_TEXT = 400
MAX_TAG = 255
LEGACY_FILTERS = (
    "Creating or updating insights with legacy filters is not available for this user. "
    "Send a `query` object instead: https://posthog.com/docs/api/insights"
)


@dataclass(frozen=True)
class InsightInput:
    """The fields a request sent. `columns` are the insight's own; None elsewhere means that nothing was sent."""

    columns: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] | None = None
    tags: list[str] | None = None
    dashboards: list[int] | None = None


def read_new_insight(call: Call) -> InsightInput:
    """Return the fields of a new insight; it must have a query. Raises Problem."""
    fields = _object(call)
    query = _query(call, fields)
    columns = _columns(fields)
    if query is None:
        if fields.get("filters"):
            raise forbidden(LEGACY_FILTERS)
        raise invalid("This field is required.", attr="query", code="required")
    return _input(fields, columns, query)


def read_changes(call: Call, *, has_query: bool) -> InsightInput:
    """Return the fields of a change. An insight that has a query keeps one. Raises Problem."""
    fields = _object(call)
    query = _query(call, fields)
    columns = _columns(fields)
    if query is None and fields.get("filters"):
        raise forbidden(LEGACY_FILTERS)
    if query is None and has_query and "query" in fields:
        raise invalid("This field may not be null.", attr="query", code="null")
    return _input(fields, columns, query)


def _object(call: Call) -> Fields:
    value = call.body.value()
    if value is None and not call.body.raw.strip():
        return {}
    if not isinstance(value, dict):
        raise unparsable(f"Expected a JSON object, but got {type(value).__name__}.")
    return value


def _query(call: Call, fields: Fields) -> Mapping[str, object] | None:
    value = fields.get("query")
    if value is None or value == {}:
        return None
    if not value and not isinstance(value, dict):
        raise invalid("Query must be a valid JSON object", attr="query")
    return check_query(value, normalise=call.headers.get("x-posthog-client") == "mcp")


def _columns(fields: Fields) -> dict[str, object]:
    columns: dict[str, object] = {
        name: read_text(fields, name, limit=MAX_TEXT)
        for name in ("name", "derived_name", "description")
        if name in fields
    }
    if "order" in fields:
        columns["order"] = read_integer(fields, "order")
    columns |= {name: read_flag(fields, name) for name in ("deleted", "favorited", "saved") if name in fields}
    return columns


def _input(fields: Fields, columns: Mapping[str, object], query: Mapping[str, object] | None) -> InsightInput:
    return InsightInput(
        columns=columns,
        query=query,
        tags=read_tags(fields) if "tags" in fields else None,
        dashboards=read_keys(fields, "dashboards") if "dashboards" in fields else None,
    )


def read_tags(fields: Fields) -> list[str]:
    """Return normalised tag names. Raises Problem."""
    tags = normalize_tags(read_list(fields, "tags"))
    if any(len(tag) > MAX_TAG for tag in tags):
        raise invalid(f"Ensure this field has no more than {MAX_TAG} characters.", attr="tags", code="max_length")
    return tags
