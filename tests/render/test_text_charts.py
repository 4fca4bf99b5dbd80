"""Text charts: what a terminal shows, held whole, and what is hard to draw with blocks."""

import pytest

from insights_mcp.render.reports import Result
from insights_mcp.render.text_blocks import bar, bar_to_left, columns_of, cut, fit, quoted, shade, sparkline
from insights_mcp.render.text_charts import draw_text, text_chart
from tests.render.gallery import FIGURES, HOSTILE
from tests.snapshots import assert_snapshot

by_title = pytest.mark.parametrize("title", FIGURES)


@by_title
def test_text_chart_reads_as_reviewed(title: str) -> None:
    assert_snapshot(f"text_charts/{title.replace(' ', '-').replace(',', '')}.txt", draw_text(FIGURES[title]))


@by_title
@pytest.mark.parametrize("width", [40, 60, 120])
def test_text_chart_keeps_its_width_and_height(title: str, width: int) -> None:
    lines = draw_text(FIGURES[title], width=width).split("\n")
    assert max(columns_of(line) for line in lines) <= width
    assert len(lines) <= 50


def test_nothing_to_draw_is_no_text() -> None:
    assert text_chart(Result({"kind": "FunnelsQuery"}, [])) == ""


def test_hostile_names_stay_in_their_quotes() -> None:
    result = Result({"kind": "HogQLQuery"}, [[HOSTILE, 3], ['a" b\nc', 4]], ["name", "n"])
    text = text_chart(result, 'x" y')
    assert text.startswith('"x\' y"\n')
    assert '"a\' b c"' in text
    assert text.count('"') == 6


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([5], "█"),
        ([0], "▁"),
        ([0, 0, 0], "▁▁▁"),
        ([None, None], "  "),
        ([1, None, 4], "▃ █"),
        ([-4, 0, 4], "▁▅█"),
        ([-1, -2], "▅▁"),
        ([1e300, 1], "█▁"),
    ],
)
def test_sparkline_is_right_for_odd_values(values: list[float | None], drawn: str) -> None:
    assert sparkline(values, 10) == drawn


def test_sparkline_of_more_values_than_columns_shows_their_means() -> None:
    assert sparkline([0, 0, 8, 8, 4, 4], 3) == "▁█▅"


@pytest.mark.parametrize(
    ("part", "drawn"), [(0, "░░░░"), (1, "████"), (0.5, "██░░"), (0.001, "▏░░░"), (2, "████"), (-1, "░░░░")]
)
def test_bar_fills_its_part_of_the_track(part: float, drawn: str) -> None:
    assert bar(part, 4, track="░") == drawn


def test_bar_to_the_left_ends_at_the_right() -> None:
    assert bar_to_left(0.5, 4) == "  ██"
    assert bar_to_left(0.01, 4) == "   █"


def test_shades_tell_nothing_from_little() -> None:
    assert [shade(part) for part in (0, 0.01, 0.5, 1)] == ["·", "░", "▒", "█"]


def test_wide_characters_take_two_columns() -> None:
    assert columns_of("日本") == 4
    assert cut("日本語", 5) == "日本…"
    assert fit("日", 4) == "日  "


def test_names_are_bare_only_when_they_are_one_plain_word() -> None:
    assert [quoted(name) for name in ("$pageview", "two words", 'a"b')] == ["$pageview", '"two words"', '"a\'b"']
