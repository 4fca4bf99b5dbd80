"""Results of every query kind as text, held whole: what a model reads is product copy."""

import pytest

from insights_mcp.render.reports import Result, render_report
from insights_mcp.render.results import KINDS, report_result
from tests.content import count_json, same_as_json
from tests.render.answers import ANSWERS, DAYS, Answer, line
from tests.render.more_answers import MORE_ANSWERS
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens

by_title = pytest.mark.parametrize("answer", [*ANSWERS, *MORE_ANSWERS], ids=lambda answer: answer.title)


@by_title
def test_result_reads_as_reviewed(answer: Answer) -> None:
    text = render_report(report_result(answer.result), 2000)
    assert_snapshot(f"results/{answer.title.replace(' ', '-')}.txt", text)


def test_every_kind_with_a_form_of_its_own_has_an_answer_here() -> None:
    assert set(KINDS) <= {answer.query["kind"] for answer in ANSWERS}


# Cells that are JSON themselves: only the names of their columns can be saved.
NOTHING_TO_SAVE = {"SQL of times and nested values"}


@by_title
def test_result_costs_less_than_its_compact_json(answer: Answer) -> None:
    report = report_result(answer.result)
    compact = count_json(same_as_json(report))
    if compact > 250 and answer.title not in NOTHING_TO_SAVE:  # below that the facts weigh more than the numbers
        assert count_tokens(render_report(report, 20_000)) <= 0.7 * compact


@pytest.mark.parametrize("odd", [None, 7, "text", {}, [], [None], [[]], [{}], [[{}]], {"bins": 3}, [{"data": "x"}]])
@pytest.mark.parametrize("kind", [*KINDS, "HogQLQuery", "EventsQuery", "SomethingNew"])
def test_odd_results_are_told_and_never_crash(kind: str, odd: object) -> None:
    assert render_report(report_result(Result({"kind": kind}, odd)), 500)


def test_only_results_without_anything_in_them_count_as_empty() -> None:
    empty = {answer.title for answer in ANSWERS if report_result(answer.result).is_empty}
    assert empty == {"a trend of nothing", "a funnel nobody entered", "a SQL nothing"}


def test_a_long_trend_is_cut_on_whole_rows_keeping_ends_and_extremes() -> None:
    days = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(120)]
    data: list[float] = [500 + day for day in range(120)]
    data[40], data[60] = 9000, 1
    query: dict[str, object] = {"kind": "TrendsQuery", "dateRange": {"date_from": "-120d", "date_to": days[-1]}}
    text = render_report(report_result(Result(query, [line("x", data, days=days)])), 300)
    rows = text.splitlines()
    assert {"01-01,500", "02-13,9000", "03-05,1", "05-08,619"} <= set(rows)
    assert "…" in rows
    left_out = (
        "92 of 120 rows left out: max_tokens=900 shows all. Or ask for a coarser interval or a shorter dateRange."
    )
    assert rows[-1] == left_out
    assert count_tokens(text) <= 300


def test_long_cells_are_cut_so_that_one_row_does_not_fill_the_answer() -> None:
    rows = [[{"key": "x" * 5000}, "y" * 5000, 1]]
    text = render_report(report_result(Result({"kind": "EventsQuery"}, rows, ["*", "url", "n"])), 4000)
    assert len(text) < 1000
    assert text.splitlines()[-2].endswith(",1")
    assert text.splitlines()[-1] == "Cells are cut at 400 characters: select parts of them, such as properties.plan."


def test_many_series_are_cut_from_the_smallest() -> None:
    rows = [line(f"value {n}", [n, n, n, n, n], breakdown_value=f"value {n}") for n in range(40)]
    query: dict[str, object] = {"kind": "TrendsQuery", "dateRange": {"date_from": DAYS[0], "date_to": DAYS[-1]}}
    text = render_report(report_result(Result(query, rows)), 400)
    assert '"value 39",195' in text
    assert '"value 1",5' not in text
    assert count_tokens(text) <= 400
