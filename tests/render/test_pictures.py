"""Pictures: every figure compiles, says what it shows, and keeps names as data."""

import json
import re
import struct
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from insights_mcp.errors import ExtraMissing
from insights_mcp.render.pictures import MAX_PNG_BYTES, draw_png, draw_svg
from insights_mcp.render.vega import draw_spec
from tests.render.answers import ANSWERS
from tests.render.gallery import FIGURES, HOSTILE

by_title = pytest.mark.parametrize("title", FIGURES)
# Compiling takes a tenth of a second each: of the simple ones one per drawing is enough.
SIMPLE = {answer.title for answer in ANSWERS} - {
    "a trend by hostile breakdown values",
    "a funnel",
    "paths",
    "a lifecycle",
}
by_hard_title = pytest.mark.parametrize("title", [title for title in FIGURES if title not in SIMPLE])
# Every expression a specification of ours may hold: no name of the project is in any of them.
EXPRESSIONS = re.compile(
    r"(datum\.(value == 0 \? '0' : format\(datum\.value/\d+, '\$,(~r|\.\df)'\)|is_open|y < 0( \? 11 : -9)?)"
    r"|format\(datum\.value/\d+, '\$,(~r|\.\df)'\)"
    r"|datum\.value == 0 \? '0s' : abs\(datum\.value\) >= 86400 .*"
    r"|split\(datum\.label, '\\n'\)|!datum\.is_open|datum\.i (== 0|> 0)"
    r"|isValid\(datum\.(y|mean)\)( && (datum\.y >= 0|datum\.period == 'current period'|datum\.is_alone))?"
    r"|datum\.is_last && datum\.period == 'current period')"
)


def texts_of(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))


def walk(part: object, key: str = "") -> Iterator[tuple[str, object]]:
    yield key, part
    if isinstance(part, dict):
        for name, value in part.items():
            if name != "data":
                yield from walk(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value, key)


@by_hard_title
def test_figure_compiles_without_warnings_and_says_its_axes_and_names(
    title: str, capfd: pytest.CaptureFixture[str]
) -> None:
    figure = FIGURES[title]
    told = texts_of(draw_svg(figure, "light" if len(title) % 2 else "dark"))
    assert capfd.readouterr() == ("", "")
    assert title.capitalize() in told
    for text in (*figure.notes, figure.subtitle):
        assert text in told
    if figure.drawing in {"line", "area", "bar", "stacked_bar", "lifecycle", "slope", "histogram"}:
        assert figure.x.title[:40] in told
        assert figure.y.title[:30] in told or "Share of" in told
        for series in figure.series:
            assert series.name[:30] in told


@by_title
def test_specification_is_plain_json_whose_expressions_are_ours(title: str) -> None:
    spec = json.loads(json.dumps(draw_spec(FIGURES[title]), allow_nan=False))
    for key, part in walk(spec):
        assert key not in ("signal", "url", "href", "params", "calculate", "usermeta")
        if key in ("expr", "filter", "test", "labelExpr"):
            assert isinstance(part, str)
            assert EXPRESSIONS.fullmatch(part), part


def test_hostile_names_are_text_of_the_picture() -> None:
    svg = draw_svg(FIGURES["hostile names"])
    assert "<script" not in svg
    assert "</text><script>" in texts_of(svg)
    assert HOSTILE[:20] in texts_of(svg)


def test_units_stand_on_the_axis() -> None:
    assert "£2.5M" in texts_of(draw_svg(FIGURES["money"]))
    assert "1.5h" in texts_of(draw_svg(FIGURES["durations"]))
    assert "0.01%" in texts_of(draw_svg(FIGURES["percent, logarithmic"]))


@pytest.mark.parametrize("title", ["30 series", "SQL rows"])
def test_png_is_bounded_and_about_as_wide_as_asked(title: str) -> None:
    png = draw_png(FIGURES[title], "dark")
    assert len(png) <= MAX_PNG_BYTES
    width, height = struct.unpack_from(">II", png, 16)
    assert (990 <= width <= 1010, 500 <= height <= 620) == (True, True)


def test_without_the_renderer_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'insights-mcp\[charts\]'"):
        draw_svg(FIGURES["one point"])


def test_hours_are_labelled_at_the_same_times_of_each_day() -> None:
    told = re.findall(r"\d+ Nov \d\d:\d\d", texts_of(draw_svg(FIGURES["hours"])))
    assert len(told) >= 4
    assert {label[-5:] for label in told} == {"00:00"}


def test_the_two_themes_differ_in_their_background() -> None:
    light, dark = (draw_svg(FIGURES["a bold number"], theme) for theme in ("light", "dark"))
    assert 'fill="#ffffff"' in light
    assert 'fill="#171b24"' in dark
