"""Whatever arguments a model makes up, a tool answers or refuses in its own words; it never crashes."""

from functools import partial
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights_mcp.server.arguments import published_schema
from insights_mcp.server.tools import TOOLS
from tests.server.cases import SHORT
from tests.server.sessions import connect, try_tool
from tests.server.world import funnel, sql, trends, web_shop

TEXTS = st.sampled_from(
    ["", " ", "1", "x" * 50, "-7d", "a,b", '{"a":1}', "[1,2]", "null", "\x00\u202e", "select 1", *SHORT.values()]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**20), st.floats(), TEXTS)
QUERIES = st.sampled_from([trends("paid"), funnel("a", "b"), sql("select 1"), trends("paid")["source"], {"kind": "X"}])
VALUES = st.one_of(
    SCALARS,
    QUERIES,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
    ),
)


async def ask(tool: str, arguments: dict[str, Any]) -> tuple[str, bool]:
    async with connect(web_shop()) as client:
        return await try_tool(client, tool, **arguments)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_made_up_arguments_are_answered_or_refused(tool: Any, data: st.DataObject) -> None:
    schema = published_schema(tool.arguments)
    names = st.sampled_from([*schema["properties"], "made_up"])
    arguments = data.draw(st.dictionaries(names, VALUES, max_size=4))
    for name in schema.get("required", ()):
        arguments.setdefault(name, data.draw(VALUES))
    text, is_error = anyio.run(partial(ask, tool.name, arguments))
    assert "nobody foresaw" not in text, arguments
    assert not is_error or len(text) <= 600
