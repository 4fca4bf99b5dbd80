"""What a query with a breakdown asks, in a few words: its rows are named by values alone."""

from collections.abc import Iterator, Mapping, Sequence

from insights_mcp.render.marking import mark
from insights_mcp.render.reading import mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Result
from insights_mcp.render.tables import word
from insights_mcp.render.trends import name_math

_LONGEST = 60


def tell_question(rows: Sequence[Mapping[str, object]], result: Result) -> str:
    """Return `$pageview (unique users) by $browser` where the rows are values of a breakdown, else nothing."""
    by = name_breakdown(result.query)
    if not by or not any("breakdown_value" in row for row in rows):
        return ""
    action = mapping(rows[0].get("action"))
    has_many_events = len({text_of(row.get("order")) for row in rows}) > 1
    name = text_of(action.get("custom_name") or action.get("name") or ("" if action else rows[0].get("label")))
    if has_many_events or not name:
        return f"By {by}"
    math = "" if action.get("custom_name") else name_math(action)
    return f"{word(name[:_LONGEST])}{f' ({mark(math)})' if math else ''} by {by}"


def name_breakdown(query: Mapping[str, object]) -> str:
    """Return what a query is broken down by; nothing if it is not."""
    return " and ".join(word(text[:_LONGEST]) for text in _breakdowns(mapping(query.get("breakdownFilter"))) if text)


def _breakdowns(found: Mapping[str, object]) -> Iterator[str]:
    several = list(mappings_of(found.get("breakdowns")))
    if several:
        yield from (text_of(one.get("property")) for one in several)
    elif found.get("breakdown_type") == "cohort":
        yield "cohort"
    else:
        values = rows_of(found.get("breakdown")) or (found.get("breakdown"),)
        yield from (text_of(value) for value in values)
