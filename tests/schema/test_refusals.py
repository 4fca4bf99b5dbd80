"""What a caller reads when a query is wrong: the whole text, kept in refusals.json."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.queries import QUERY_KINDS, find_problems, parse_query

CASES = json.loads((Path(__file__).parent / "refusals.json").read_text(encoding="utf-8"))
QUERIES = json.loads((Path(__file__).parent / "queries.json").read_text(encoding="utf-8"))


def refusal(query: object) -> QueryInvalid:
    with pytest.raises(QueryInvalid) as caught:
        parse_query(query)
    return caught.value


def refusal_text(query: object) -> str | None:
    """Return the words a query is refused with, None when it is read."""
    try:
        parse_query(query)
    except QueryInvalid as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_refusal_says_what_to_do(case: dict[str, object]) -> None:
    text = str(refusal(case["query"]))
    assert text == case["error"]
    assert len(text) <= QueryInvalid.LIMIT
    assert text.isascii() or "…" in text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_refusal_speaks_no_pydantic(case: dict[str, object]) -> None:
    text = str(refusal(case["query"]))
    assert not re.search(r"pydantic|tagged-union|function-|discriminator|\[type=|Input should|<list>|<group", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_example_is_valid_json(case: dict[str, object]) -> None:
    found = refusal(case["query"])
    if found.example:
        assert json.loads(found.example)


def test_refusal_carries_its_parts() -> None:
    found = refusal({"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "a", "math": "dua"}]})
    assert (found.path, found.nearest, found.allowed[:2]) == ("series.0.math", "dau", ("total", "dau"))


def test_a_query_nested_without_end_is_refused() -> None:
    group: dict[str, object] = {"type": "AND", "values": []}
    for _ in range(5000):
        group = {"type": "AND", "values": [group]}
    found = refusal({"kind": "TrendsQuery", "series": [], "properties": group})
    assert str(found) == "query: is nested more than 60 levels deep."


def test_json_text_nested_without_end_is_refused() -> None:
    assert str(refusal("[" * 100_000)) == "query: is nested too deeply."


def test_bytes_that_are_no_text_are_refused() -> None:
    assert str(refusal(b"\xff")) == "query: is not text in UTF-8."


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(QUERY_KINDS), rest=st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_json_is_read_or_refused_in_words(kind: str, rest: dict[str, object]) -> None:
    text = refusal_text({**rest, "kind": kind})
    assert text is None or 0 < len(text) <= QueryInvalid.LIMIT


def spoil(value: object, path: tuple[str | int, ...], broken: object) -> object:
    """Return a copy of `value` with `broken` at `path`."""
    if not path:
        return broken
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: spoil(value.get(step), tuple(rest), broken)}
    assert isinstance(value, list)
    return [spoil(item, tuple(rest), broken) if index == step else item for index, item in enumerate(value)]


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return every path into a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in paths(item, (*path, key)))]


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case["title"])
@pytest.mark.parametrize("broken", ["?", 17, [[]], {"?": 1}], ids=["text", "number", "list", "object"])
def test_a_query_spoilt_anywhere_is_read_or_refused_in_words(case: dict[str, object], broken: object) -> None:
    for path in paths(case["query"]):
        text = refusal_text(spoil(case["query"], path, broken)) or ""
        assert len(text) <= QueryInvalid.LIMIT
        assert not re.search(r"pydantic|tagged-union|discriminator|Input should|<list>|<group|<filter", text)


def test_all_problems_of_a_query_are_found_at_once_the_most_useful_first() -> None:
    series = [{"kind": "EventsNode", "event": "paid", "math": "totl"}, {"kind": "EventsNode", "evnt": "paid"}]
    query = {"kind": "TrendsQuery", "series": series, "interval": "fortnight"}
    found = find_problems(query)
    assert [one.path for one in found] == ["series.1.evnt", "series.0.math", "interval"]
    assert all(len(str(one)) <= QueryInvalid.LIMIT and "more problem" not in str(one) for one in found)
    assert find_problems({"kind": "TrendsQuery", "series": series[:0]}) == []
    assert [one.path for one in find_problems({"kind": "TrendQuery"})] == ["kind"]
