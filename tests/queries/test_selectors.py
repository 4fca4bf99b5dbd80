"""CSS selectors against elements chains, by the regular expression that the engine will match."""

import re

import pytest

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.selectors import match_selector, match_tag

CHAIN = (
    'span.icon:nth-child="1"text="Go";'
    'a.btn.btn-primary:attr__data-id="7"attr__style="color: red; top: 0"href="/pay"nth-child="2"text="say \\"hi\\"";'
    'div.menu:attr_id="nav"nth-child="3";'
    "body:"
)


def matches(condition: ast.Expr, chain: str = CHAIN) -> bool:
    assert isinstance(condition, ast.Call)
    regex = condition.args[1]
    assert isinstance(regex, ast.Constant)
    return re.search(str(regex.value), chain) is not None


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("a", True),
        ("span", True),
        ("b", False),
        ("spa", False),
        ("*", True),
        (".btn", True),
        (".bt", False),
        ("a.btn-primary", True),
        ("a.btn.btn-primary", True),
        ("a.btn-primary.btn", True),
        ("a.icon", False),
        ("#nav", True),
        ("div#nav", True),
        ("a#nav", False),
        ("div > a", True),
        ("div>a", True),
        ("div > span", False),
        ("div span", True),
        ("body a span", True),
        ("span a", False),
        ('[data-id="7"]', True),
        ("[data-id='8']", False),
        ('a[href="/pay"]', True),
        ('a[href="/pay"][data-id="7"]', True),
        ('a[href="/"]', False),
        ('[text="say \\"hi\\""]', True),
        ("a:nth-child(2)", True),
        ("a:nth-child(1)", False),
        ('[id="nav"] a.btn', True),
        ('[style="color: red; top: 0"]', True),
    ],
)
def test_selector_matches_the_chain(selector: str, expected: bool) -> None:
    assert matches(match_selector(selector)) is expected


@pytest.mark.parametrize(("tag", "expected"), [("a", True), ("body", True), ("b", False), ("button", False)])
def test_tag_name_matches_a_whole_tag(tag: str, expected: bool) -> None:
    assert matches(match_tag(tag)) is expected
