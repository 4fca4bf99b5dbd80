"""Queries come in as JSON and go out as the same JSON."""

import json

from insights_mcp.schema.queries import dump_query, parse_query, unwrap_query, wrap_query

TREND = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": None, "math": "dau"}]}


def test_a_query_given_as_json_text_is_read() -> None:
    assert dump_query(parse_query(json.dumps(TREND))) == TREND


def test_a_bare_trend_is_wrapped_as_a_chart_and_unwrapped_again() -> None:
    wrapped = wrap_query(parse_query(TREND))
    assert dump_query(wrapped) == {"kind": "InsightVizNode", "source": TREND}
    assert dump_query(unwrap_query(wrapped)) == TREND
