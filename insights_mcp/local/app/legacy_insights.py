"""The endpoints of 2022 that compute an insight from filters, by GET or POST (facts/rest-api.md 11)."""

import csv
import io
from collections.abc import Mapping, Sequence

from insights_mcp.local.app.csv import defuse
from insights_mcp.local.app.http import Answer, Call, endpoint
from insights_mcp.local.app.params import is_truthy
from insights_mcp.local.legacy.conversion import correlation_of_filters, query_of_filters

Filters = Mapping[str, object]
TREND_INSIGHTS = ("TRENDS", "STICKINESS", "LIFECYCLE")


@endpoint("GET POST", "/insights/trend/", scope="insight:read", auth_failure=403)
def compute_trend(call: Call) -> Answer:
    """Compute a trend, or the stickiness or lifecycle that filters ask for; as CSV with `format=csv`."""
    filters = _read_filters(call)
    asked = filters if filters.get("insight") in TREND_INSIGHTS else {**filters, "insight": "TRENDS"}
    answer = _compute(call, filters, query_of_filters(asked))
    if call.query.get("format") == "csv":
        return _as_csv(answer["result"])
    return Answer({**answer, "next": None})


@endpoint("GET POST", "/insights/funnel/", scope="insight:read", auth_failure=403)
def compute_funnel(call: Call) -> Answer:
    """Compute a funnel."""
    return _answer(call, "FUNNELS")


@endpoint("GET POST", "/insights/funnel/correlation/", scope="insight:read", auth_failure=403)
def compute_correlation(call: Call) -> Answer:
    """Compute what goes with success in a funnel."""
    filters = _read_filters(call)
    return Answer(_compute(call, filters, correlation_of_filters(filters)))


@endpoint("GET POST", "/insights/retention/", scope="insight:read", auth_failure=403)
def compute_retention(call: Call) -> Answer:
    """Compute a retention."""
    return _answer(call, "RETENTION")


@endpoint("GET POST", "/insights/path/", scope="insight:read", auth_failure=403)
def compute_path(call: Call) -> Answer:
    """Compute paths."""
    return _answer(call, "PATHS")


def _answer(call: Call, insight: str) -> Answer:
    filters = _read_filters(call)
    return Answer(_compute(call, filters, query_of_filters({**filters, "insight": insight})))


def _read_filters(call: Call) -> Filters:
    """Return the filters: parameters of the query string, and over them the fields of the body."""
    given = dict(call.query.pairs)
    return {**given, **call.fields} if call.method != "GET" else given


def _compute(call: Call, filters: Filters, query: Mapping[str, object]) -> dict[str, object]:
    is_forced = filters.get("refresh") is True or is_truthy(str(filters.get("refresh") or ""))
    answer = call.backend.queries.answer(call.team, query, refresh="force_blocking" if is_forced else "blocking")
    return {
        "result": answer.results,
        "timezone": call.team.timezone,
        "is_cached": answer.is_cached,
        "last_refresh": answer.last_refresh,
    }


def _as_csv(results: object) -> Answer:
    """Return one line per series, one column per label."""
    lines = [_line(one) for one in results if isinstance(one, Mapping)] if isinstance(results, list) else []
    names = list(dict.fromkeys(name for line in lines for name in line)) or ["series"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: defuse(value) for name, value in line.items()} for line in lines)
    headers = {"Content-Disposition": 'attachment; filename="export.csv"'}
    return Answer(text.getvalue(), headers=headers, media_type="text/csv")


def _line(result: Mapping[str, object]) -> dict[str, object]:
    action, labels, data = result.get("action"), result.get("labels"), result.get("data")
    named = action.get("custom_name") if isinstance(action, Mapping) else None
    line: dict[str, object] = {"series": named or result.get("label")}
    if "aggregated_value" in result:
        return {**line, "total": result["aggregated_value"]}
    return {**line, **{str(label): value for label, value in zip(_as_list(labels), _as_list(data), strict=False)}}


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


ROUTES = (compute_trend, compute_funnel, compute_correlation, compute_retention, compute_path)
