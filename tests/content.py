"""What our answers to queries are measured against: the same content as JSON, and what the API itself sends."""

import json
from collections.abc import Mapping, Sequence

from insights_mcp.render.reports import Report
from insights_mcp.render.tables import cell
from tests.tokens import count_tokens

# Of the API's results, what tells of them. Left out are links to people, the legacy `filter` and `action`, labels that
# repeat the days, ids, empty lists and nulls.
_KEPT: Mapping[str, Sequence[str]] = {
    "TrendsQuery": ["label", "days", "data", "aggregated_value", "breakdown_value", "compare_label"],
    "FunnelsQuery": [
        *("name", "count", "average_conversion_time", "median_conversion_time"),
        *("breakdown_value", "compare_label", "days", "data", "bins"),
    ],
    "RetentionQuery": ["date", "label", "values", "breakdown_value"],
    "PathsQuery": ["source", "target", "value", "average_conversion_time"],
    "LifecycleQuery": ["status", "days", "data"],
    "StickinessQuery": ["label", "days", "data", "compare_label"],
}


def count_json(value: object) -> int:
    """Return the tokens of compact JSON."""
    return count_tokens(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def same_as_json(report: Report) -> object:
    """Return the content of a report as a JSON answer would hold it: the facts, and an object per row.

    Dates are as short and numbers as rounded as in ours: what differs is the form alone.
    """
    table = report.table
    header = [cell(name).strip('"') for name in table.header] if table else []
    rows = [dict(zip(header, map(_json_value, row), strict=False)) for row in (table.rows if table else ())]
    return {"facts": [*report.facts, *report.notes], "rows": [_drop_nulls(row) for row in rows]}


def pruned_results(query: Mapping[str, object], results: object, columns: Sequence[object] = ()) -> object:
    """Return the API's results without what tells nothing of them; rows of a table as an object each."""
    kind = str(query.get("kind"))
    if kind == "FunnelCorrelationQuery":
        events = results.get("events", []) if isinstance(results, Mapping) else []
        names = ("success_count", "failure_count", "odds_ratio", "correlation_type")
        return [{"event": one["event"]["event"], **{name: one[name] for name in names}} for one in events]
    if kind in _KEPT:
        return _prune(results, _KEPT[kind])
    if columns and isinstance(results, list):
        return [dict(zip(map(str, columns), row, strict=False)) for row in results]
    return results


def _json_value(value: object) -> object:
    if isinstance(value, float):
        return float(cell(value)) if not value.is_integer() else int(value)
    return value


def _drop_nulls(row: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if value is not None}


def _prune(value: object, kept: Sequence[str]) -> object:
    if isinstance(value, list):
        return [_prune(one, kept) for one in value]
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if key in kept and item is not None and item != []}
    return value
