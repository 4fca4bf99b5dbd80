"""Trees put together at random: each is printed or refused, nothing else happens."""

import random

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.printer import print_select
from insights_mcp.local.hogql.visitor import transform, walk
from insights_mcp.local.hogql.writer import print_hogql
from tests.hogql.asking import CONTEXT
from tests.hogql.test_selects import ANSWERS

REPLACEABLE = (
    ast.Constant,
    ast.Field,
    ast.Call,
    ast.CompareOperation,
    ast.ArithmeticOperation,
    ast.And,
    ast.Or,
    ast.Not,
    ast.Tuple,
    ast.Array,
    ast.Lambda,
    ast.Alias,
    ast.ArrayAccess,
    ast.SelectQuery,
)
COUNT = 1500


def test_a_tree_is_printed_or_refused_whatever_it_holds() -> None:
    trees = [parse_select(query) for query in ANSWERS]
    pieces = [node for tree in trees for node in walk(tree) if isinstance(node, REPLACEABLE)]
    pick = random.Random(42)
    printed = 0
    for _ in range(COUNT):
        tree = pick.choice(trees)
        places = {id(pick.choice([node for node in walk(tree) if isinstance(node, REPLACEABLE)])) for _ in range(2)}

        def change(node: ast.Node, places: set[int] = places, tree: ast.Node = tree) -> ast.Node | None:
            return pick.choice(pieces) if id(node) in places and node is not tree else None

        mixed = transform(tree, change)
        assert isinstance(mixed, ast.AnySelect)
        assert print_hogql(mixed)
        try:
            printed += bool(print_select(mixed, CONTEXT).sql)
        except HogQLError as error:
            assert str(error)  # noqa: PT017  # either outcome is right, and a refusal says why

    assert COUNT / 10 < printed < COUNT
