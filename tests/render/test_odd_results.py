"""Results that no server should send: parts of good ones replaced or missing, in a thousand ways, always the same."""

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from insights_mcp.render.reports import Result, render_report
from insights_mcp.render.results import report_result
from tests.render.answers import ANSWERS, Answer
from tests.render.more_answers import MORE_ANSWERS

TRIES = 40
ODD: list[Any] = [None, 0, -1, 1e308, float("nan"), float("inf"), 10**30, True, "", "x", "2026-13-45"]
ODD += ["$$_posthog_breakdown_other_$$", "\u202e\n", [], {}, [None], [[]], [{}], {"a": 1}, ["a", 1, None]]
Place = tuple[Any, ...]


@pytest.mark.parametrize("answer", [*ANSWERS, *MORE_ANSWERS], ids=lambda answer: answer.title)
def test_result_with_odd_parts_is_told_and_hides_nothing(answer: Answer) -> None:
    random = Random(answer.title)
    for _ in range(TRIES):
        results, query = answer.results, dict(answer.query)
        for _ in range(random.randint(1, 3)):
            if random.random() < 0.8:
                results = spoil(results, random)
            else:
                query = {**spoil(query, random), "kind": answer.query["kind"]}
        report = report_result(Result(query, results, **answer.facts))  # type: ignore[arg-type]  # a row of facts
        text = render_report(report, random.choice((200, 4000)))
        assert text
        assert report.brief
        assert "\u202e" not in text


def spoil(value: Any, random: Random) -> Any:
    """Return the value with one of its parts replaced or taken out."""
    places = [place for place in places_of(value) if place]
    if not places:
        return random.choice(ODD)
    place = random.choice(places)
    return put(value, place, random.choice(ODD), is_gone=random.random() < 0.2)


def places_of(value: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places_of(part, (*place, key))


def put(value: Any, place: Place, part: Any, *, is_gone: bool) -> Any:
    value = copy.copy(value)
    first, *rest = place
    if rest:
        value[first] = put(value[first], tuple(rest), part, is_gone=is_gone)
    elif is_gone:
        del value[first]
    else:
        value[first] = part
    return value
