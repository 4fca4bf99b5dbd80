"""A plan as people and models read it: what is made, what is changed from what to what, what stays."""

from collections.abc import Iterator, Mapping, Sequence

from insights_mcp.client.models.dashboards import Dashboard, Tile
from insights_mcp.client.models.insights import Insight
from insights_mcp.render.diffs import describe_changes
from insights_mcp.render.marking import quote
from insights_mcp.server.files.board_plans import BoardPlan, TilePlan, text_in
from insights_mcp.server.files.documents import DASHBOARD, INSIGHT
from insights_mcp.server.files.keys import without_keys
from insights_mcp.server.files.planning import InsightPlan, Plan

_MAX_NAME = 60
_MAX_TEXT = 40


def tell_plan(plan: Plan) -> list[str]:
    """Return a line for everything that is made (+), changed (~, with what below it) or deleted (-), and a sum."""
    lines: list[str] = []
    for one in plan.insights:
        lines += _tell_insight(one)
    for board in plan.boards:
        lines += _tell_board(board)
    lines += [f"- {INSIGHT} {_named(one)}" for one in plan.gone_insights]
    lines += [f"- {DASHBOARD} {_named(one)}" for one in plan.gone_boards]
    return [*lines, *_tell_extra(plan.boards), count_plan(plan)]


def count_plan(plan: Plan) -> str:
    """Return how much a plan makes, changes, deletes and leaves, in one sentence."""
    plans: list[InsightPlan | BoardPlan] = [*plan.insights, *plan.boards]
    new = sum(1 for one in plans if one.found is None)
    same = sum(1 for one in plans if one.is_nothing)
    gone = len(plan.gone_insights) + len(plan.gone_boards)
    counts = {"new": new, "changed": len(plans) - new - same, "deleted": gone, "unchanged": same}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count or what == "unchanged") + "."


def _tell_insight(plan: InsightPlan) -> Iterator[str]:
    name = f"{INSIGHT} {plan.file.key} {quote(plan.file.title, _MAX_NAME)}"
    if plan.found is None:
        yield f"+ {name}"
    elif plan.fields:
        yield f"~ {name} (id {plan.found.id})"
        yield from (f"    {phrase}" for phrase in _describe(plan.found, plan.fields))


def _tell_board(plan: BoardPlan) -> Iterator[str]:
    name = f"{DASHBOARD} {plan.file.key} {quote(plan.file.title, _MAX_NAME)}"
    if plan.found is None:
        yield f"+ {name}, {len(plan.tiles)} tiles"
    elif not plan.is_nothing:
        yield f"~ {name} (id {plan.found.id})"
        yield from (f"    {phrase}" for phrase in _describe(plan.found, plan.fields))
        yield from (f"    {phrase}" for tile in plan.tiles for phrase in _tell_tile(tile))
        yield from (f"    - tile {_tile_name(tile)}" for tile in plan.removed)


def _tell_tile(plan: TilePlan) -> Iterator[str]:
    name = plan.file.insight or quote(plan.file.text or "", _MAX_TEXT)
    if plan.there is None:
        yield f"+ tile {name}"
        return
    changes = plan.changes
    if "text" in changes:
        yield f"text {quote(text_in(plan.there), _MAX_TEXT)} -> {quote(plan.file.text or '', _MAX_TEXT)}"
    if "layouts" in changes:
        yield f"tile {name} moved"
    yield from (f"tile {name} {look}" for look in changes if look not in ("text", "layouts"))


def _tell_extra(boards: Sequence[BoardPlan]) -> Iterator[str]:
    for plan in boards:
        if plan.extra:
            names = ", ".join(_tile_name(tile) for tile in plan.extra[:5])
            more = f" and {len(plan.extra) - 5} more" if len(plan.extra) > 5 else ""
            yield f"  {DASHBOARD} {plan.file.key} also shows {names}{more}, which its file does not list: kept."


def _describe(found: Insight | Dashboard, fields: Mapping[str, object]) -> list[str]:
    before = {name: getattr(found, name) for name in fields}
    after = dict(fields)
    if "tags" in fields:
        before["tags"], after["tags"] = without_keys(found.tags), without_keys(_words(fields["tags"]))
    return describe_changes(before, after)


def _words(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _tile_name(tile: Tile) -> str:
    return _named(tile.insight) if tile.insight is not None else f"text {quote(text_in(tile), _MAX_TEXT)}"


def _named(one: Insight | Dashboard) -> str:
    name = one.title if isinstance(one, Insight) else one.name or ""
    return f"{one.id} {quote(name, _MAX_NAME)}"
