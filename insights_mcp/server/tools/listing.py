"""`insights-list`: find saved insights."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from insights_mcp.client.models.insights import Insight
from insights_mcp.client.paging import Page
from insights_mcp.render.insights import table_of_insights
from insights_mcp.render.numbers import plural
from insights_mcp.render.reports import tell_cut
from insights_mcp.render.tables import CutTable, Plain, Table, cut_table
from insights_mcp.schema.insights import InsightFilters
from insights_mcp.schema.text import nearest
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens
from insights_mcp.server.places import name_project
from insights_mcp.server.tool import Call, Tool

# What can be ordered by, and in words: rising, falling.
_ORDERS = {
    "last_modified_at": ("longest unchanged first", "last changed first"),
    "created_at": ("oldest first", "newest first"),
    "updated_at": ("longest without update first", "last updated first"),
    "last_viewed_at": ("longest unseen first", "last viewed first"),
    "name": ("by name", "by name from Z to A"),
    "created_by": ("by creator", "by creator from the last"),
}
_TRENDING = "trending"
# PostHog takes what it cannot read for now (facts/queries.md 1.0), which lists nothing and says nothing.
_RELATIVE = re.compile(r"-?\d+[hdwmqyM]|-?\d*[dmyw](Start|End)|[mdyw](Start|End)")
# What the line above the table may cost.
_HEADLINE = 80


def _check_date(text: str) -> str:
    text = text.strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        if not _RELATIVE.fullmatch(text):
            raise ValueError("must be a date such as 2026-01-31, or relative such as -7d, -3m, mStart") from None
    return text


Date = Annotated[str, AfterValidator(_check_date)]


class ListArguments(Arguments):
    """What insights are found by."""

    search: Annotated[str, Field(max_length=200)] | None = None
    created_by: Annotated[list[int], Field(description="User ids")] | None = None
    user: Annotated[bool, Field(description="true: only mine")] | None = None
    favorited: bool | None = None
    saved: bool | None = None
    insight: Literal["TRENDS", "FUNNELS", "RETENTION", "PATHS", "STICKINESS", "LIFECYCLE", "SQL", "JSON"] | None = None
    date_from: Annotated[Date, Field(description="Last change, such as -7d or 2026-01-31")] | None = None
    date_to: Date | None = None
    created_date_from: Date | None = None
    created_date_to: Date | None = None
    last_viewed_date_from: Date | None = None
    last_viewed_date_to: Date | None = None
    dashboards: Annotated[list[int], Field(description="On all of these")] | None = None
    tags: Annotated[list[str], Field(description="Any of these")] | None = None
    short_id: str | None = None
    events: Annotated[list[str], Field(description="Uses all of these events")] | None = None
    order: Annotated[str, Field(description="-last_modified_at unless given")] | None = None
    limit: Annotated[int, Field(ge=1, le=100, description="20 unless given")] = 20
    offset: Annotated[int, Field(ge=0)] = 0
    max_tokens: MaxTokens = DEFAULT_TOKENS

    @field_validator("order")
    @classmethod
    def _known_order(cls, order: str | None) -> str | None:
        # An unknown field is a crash upstream (facts/rest-api.md 4.1).
        if order is None or order == _TRENDING or order.removeprefix("-") in _ORDERS:
            return order
        near = nearest(order.removeprefix("-"), [*_ORDERS, _TRENDING])
        hint = f", perhaps {near}" if near else ""
        raise ValueError(f"must be {_TRENDING} or one of {', '.join(_ORDERS)}, with - in front for descending{hint}")

    def filters(self) -> InsightFilters:
        """Return what the client filters by."""
        return InsightFilters(**self.model_dump(exclude={"order", "limit", "offset", "max_tokens"}, exclude_none=True))


async def list_insights(arguments: ListArguments, call: Call) -> str:
    """Return a page of insights, one row each."""
    if arguments.order == _TRENDING:
        return await _list_trending(arguments, call)
    order = arguments.order or (None if arguments.search else "-last_modified_at")
    page = await call.api.insights.list(
        arguments.filters(), limit=arguments.limit, offset=arguments.offset, order=order
    )
    where = await name_project(call.api)
    if not page.results:
        return _nothing(arguments, page, where)
    table = table_of_insights(page.results, with_views="last_viewed_at" in (order or ""))
    cut = cut_table(table, arguments.max_tokens - _HEADLINE)
    return f"{_headline(page, where, order, arguments, cut)}{_open_rule(call)}\n{cut.text}"


async def _list_trending(arguments: ListArguments, call: Call) -> str:
    found = list(await call.api.insights.trending(limit=arguments.limit))
    where = await name_project(call.api)
    if not found:
        return f"Nobody looked at insights of {where} in the last 7 days."
    table = table_of_insights(found)
    rows = [[one.view_count, *row] for one, row in zip(found, table.rows, strict=True)]
    cut = cut_table(Table([Plain("viewers"), *table.header], rows), arguments.max_tokens - _HEADLINE)
    left = f" {tell_cut(cut, 'insights', _HEADLINE)}" if cut.is_cut else ""
    counted = plural(len(found), "insight")
    return f"{counted} of {where} by viewers in the last 7 days.{left}{_open_rule(call)}\n{cut.text}"


def _headline(page: Page[Insight], where: str, order: str | None, arguments: ListArguments, cut: CutTable) -> str:
    is_whole = page.count is None or page.count == cut.kept
    counted = plural(cut.kept, "insight") if is_whole else f"{cut.kept} of {plural(page.count or 0, 'insight')}"
    by = _tell_order(order) if order else "best match first"
    following = arguments.offset + cut.kept if cut.is_cut else page.next_offset
    why = f" (max_tokens={arguments.max_tokens} is reached)" if cut.is_cut else ""
    more = f" Next page: offset={following}{why}." if following is not None else ""
    return f"{counted} in {where}, {by}.{more}"


def _tell_order(order: str) -> str:
    """Return an order in words: the API's own say neither which end comes first nor what a date is of."""
    rising, falling = _ORDERS[order.removeprefix("-")]
    return falling if order.startswith("-") else rising


def _open_rule(call: Call) -> str:
    pattern = call.api.insight_url("SHORT_ID")
    return f" Open: {pattern}" if pattern else ""


def _nothing(arguments: ListArguments, page: Page[Insight], where: str) -> str:
    if arguments.offset and page.count:
        return f"There are only {plural(page.count, 'such insight')} in {where}: use an offset below that."
    given = ", ".join(sorted(arguments.filters().model_dump(exclude_unset=True)))
    if given:
        return f"No insight in {where} fits {given}. Drop a filter, or try other words in search."
    return f"There are no insights in {where} yet. insight-create makes one; data-schema shows what there is to ask."


TOOL = Tool(
    "insights-list",
    "List insights",
    ListArguments,
    list_insights,
    aliases={
        "insights-get-all": {},
        "insights-retrieve-all": {},
        "list-insights": {},
        "insights-my-last-viewed": {"order": "-last_viewed_at"},
        "insights-my-last-viewed-retrieve": {"order": "-last_viewed_at"},
        "insights-trending": {"order": _TRENDING},
        "insights-trending-retrieve": {"order": _TRENDING},
    },
)
