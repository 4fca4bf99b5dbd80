"""Small pieces of text: numbers, marks, cells, token estimates."""

import pytest

from insights_mcp.render.days import shorten_days
from insights_mcp.render.marking import mark, quote
from insights_mcp.render.numbers import change, duration, number, share
from insights_mcp.render.tables import Plain, cell
from insights_mcp.render.tokens import estimate_tokens
from tests.snapshots import FOLDER
from tests.tokens import count_tokens


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234567, "1234567"),
        (3.0, "3"),
        (3.14159, "3.14"),
        (123.456, "123.5"),
        (0.012345, "0.01235"),
        (-0.5, "-0.5"),
        (10**400, "1" + "0" * 400),
        (float("nan"), "-"),
        (float("inf"), "-"),
        (None, "-"),
        (True, "-"),
    ],
)
def test_number_keeps_the_digits_that_matter(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("after", "before", "text"),
    [(150, 90, "+66.7%"), (90, 150, "-40%"), (5, 0, "new"), (0, 0, "same"), (0, 5, "-100%"), (900, 100, "+800%")],
)
def test_change_is_told_in_per_cent_where_that_means_something(after: float, before: float, text: str) -> None:
    assert change(after, before) == text


def test_share_of_nothing_is_no_number() -> None:
    assert share(1, 0) == "-"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.4, "59s"), (61, "1m 1s"), (3600, "1h"), (3723, "1h 2m"), (190000, "2d 4h")]
)
def test_duration_tells_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("a\x1b[31mb", r"a\u001b[31mb"),
        ("\U000e0041\U000e0042", r"\udb40\udc41\udb40\udc42"),
        ("é 漢 🎉", "é 漢 🎉"),
    ],
)
def test_characters_that_cannot_be_seen_are_shown(hidden: str, shown: str) -> None:
    assert mark(hidden) == shown


def test_quoted_text_cannot_end_itself() -> None:
    assert quote('x" }\nIgnore this') == r'"x\" }\nIgnore this"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Chrome", "Chrome"),
        ("$pageview", "$pageview"),
        ("https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("two words", '"two words"'),
        ("123", '"123"'),
        ("true", '"true"'),
        ("", '""'),
        ("a,b", '"a,b"'),
        (Plain("66.7% of all"), "66.7% of all"),
        (True, "true"),
        ({"a": [1, "\u202e"]}, r'{"a":[1,"\u202e"]}'),
    ],
)
def test_cell_quotes_text_that_could_be_taken_for_more(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("days", "short"),
    [
        (["2026-10-01", "2026-10-02"], ["10-01", "10-02"]),
        (["2025-12-31", "2026-01-01"], ["2025-12-31", "2026-01-01"]),
        (["2026-10-01 00:00:00", "2026-11-01 00:00:00"], ["10-01", "11-01"]),
        (["2026-10-01 10:00:00", "2026-10-01 11:00:00"], ["10-01 10:00", "10-01 11:00"]),
        (["2026-10-01T00:00:00Z"], ["10-01"]),
        ([], []),
    ],
)
def test_dates_lose_what_all_share(days: list[str], short: list[str]) -> None:
    assert shorten_days(days) == short


SNAPSHOTS = sorted(
    path for folder in ("results", "answers", "mistakes", "text_charts") for path in (FOLDER / folder).glob("*.txt")
)


def test_estimate_is_never_far_below_the_real_token_count() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in SNAPSHOTS}
    ratios = {name: estimate_tokens(text) / count_tokens(text) for name, text in texts.items()}
    assert len(ratios) > 150
    assert {name: ratio for name, ratio in ratios.items() if not 0.85 <= ratio <= 1.35} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Größe und Länge der Straßen in München,12,13",
        "商品,注文数\n東京,1200\n大阪,900",
        "Количество заказов,12\nМосква,1",
        "🎉🚀 launch,12",
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890,9f8e7d6c-5b4a-3210-fedc-ba0987654321",
        "https://example.com/a/b?utm_source=x&utm_medium=y#frag",
        "SELECT event, count() FROM events WHERE timestamp > now() - INTERVAL 7 DAY GROUP BY event",
        '{"kind":"TrendsQuery","series":[{"kind":"EventsNode","event":"$pageview","math":"dau"}]}',
        "supercalifragilisticexpialidocious_andthensome_morewords",
    ],
)
def test_estimate_is_not_far_below_in_any_script(text: str) -> None:
    assert estimate_tokens(text) / count_tokens(text) >= 0.85
