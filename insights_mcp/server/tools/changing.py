"""`insight-update` changes or restores an insight, `insight-delete` deletes it so that it can be restored."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import InputError
from insights_mcp.render.diffs import describe_changes
from insights_mcp.render.numbers import plural
from insights_mcp.schema.insights import InsightPatch
from insights_mcp.server.acks import note_differences, tell_write
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import QueryPatch
from insights_mcp.server.consent import Confirm, find_loss_of_insight, needs_asking, refuse_without_consent
from insights_mcp.server.identifiers import InsightId, find_insight
from insights_mcp.server.journal import Step
from insights_mcp.server.places import name_insight
from insights_mcp.server.states import GONE, changed_fields, insight_state
from insights_mcp.server.tool import CHANGES, Call, Tool
from insights_mcp.server.tools.creating import Name
from insights_mcp.server.trials import check_names, try_query


class UpdateArguments(Arguments):
    """What to change."""

    id: InsightId
    query: QueryPatch | None = None
    name: Name | None = None
    description: Name | None = None
    tags: Annotated[list[str], Field(description="Replaces all tags")] | None = None
    favorited: bool | None = None
    dashboards: Annotated[list[int], Field(description="Replaces all; rather add or remove")] | None = None
    add_to_dashboards: list[int] | None = None
    remove_from_dashboards: list[int] | None = None
    restore: Annotated[bool, Field(description="Bring back a deleted insight")] = False
    dry_run: bool = False
    force: bool = False


class DeleteArguments(Arguments):
    """Which insight to delete."""

    id: InsightId
    confirm: Confirm = False
    dry_run: bool = False


async def update_insight(arguments: UpdateArguments, call: Call) -> str:
    """Change what is given of an insight and leave the rest as it is."""
    key = await find_insight(call, arguments.id, is_write=True)
    if arguments.restore:
        return await _restore(key, arguments, call)
    return await _change(key, arguments, call, done="Updated")


async def delete_insight(arguments: DeleteArguments, call: Call) -> str:
    """Delete an insight softly: `restore` brings it back."""
    key = await find_insight(call, arguments.id, is_write=True)
    insight = await call.api.insights.get(key)
    named = name_insight(call.api, insight)
    boards = ", ".join(map(str, insight.dashboard_ids))
    notes = [f"It leaves dashboards {boards}." if boards else ""]
    if insight.alerts:
        notes.append(f"Gone for good: {plural(len(insight.alerts), 'alert')}.")
    if not arguments.dry_run and needs_asking(call, confirmed=arguments.confirm):
        loss = await find_loss_of_insight(call, insight)
        if kept := await refuse_without_consent(call, DELETE.name, loss, confirmed=arguments.confirm):
            return kept
    if arguments.dry_run:
        return tell_write(f"Dry run, nothing deleted. Would delete {named}.", notes=notes)
    await call.api.insights.update(insight.id, InsightPatch(deleted=True))
    was = {"deleted": False, "dashboards": sorted(insight.dashboard_ids)}
    await call.record(DELETE.name, insight.title, [Step("insight", insight.id, was, GONE)])
    return tell_write(f"Deleted {named}.", notes=notes)


async def _restore(key: int | str, arguments: UpdateArguments, call: Call) -> str:
    if arguments.dry_run:
        return f"Dry run, nothing saved. Would restore insight {key} if it is deleted."
    restored = await call.api.insights.update(key, InsightPatch(deleted=False))
    step = Step("insight", restored.id, GONE, {"deleted": False})
    if arguments.model_fields_set - {"id", "restore", "dry_run"}:
        return await _change(restored.id, arguments, call, done="Restored and updated", steps=[step])
    await call.record(UPDATE.name, restored.title, [step])
    return tell_write(f"Restored {name_insight(call.api, restored)}.")


async def _change(
    key: int | str, arguments: UpdateArguments, call: Call, *, done: str, steps: Sequence[Step] = ()
) -> str:
    before = await call.api.insights.get(key, basic=True)
    fields = arguments.model_dump(include={"name", "description", "tags", "favorited"}, exclude_none=True)
    boards = _dashboards(arguments, before.dashboard_ids)
    if boards is not None:
        fields["dashboards"] = boards
    notes: list[str] = []
    if arguments.query is not None:
        fields["query"], line = await _new_query(before, arguments.query, call, force=arguments.force)
        notes.append(line)
    if not fields:
        raise InputError(
            "insight-update: nothing to change was given.", advice="Give query, name, tags or another field."
        )
    if arguments.dry_run:
        changes = describe_changes(insight_state(before), {**insight_state(before), **_normal(fields)})
        said = f"Dry run, nothing saved. Would update {name_insight(call.api, before)}."
        return tell_write(said, changes=changes or ["nothing, it is so already"], notes=notes, is_dry_run=True)
    await call.api.insights.update(before.id, InsightPatch(**fields))
    after = await call.api.insights.get(before.id, basic=True)
    if "query" in fields:
        notes.append(note_differences(fields["query"], after) or "")
    old, new = changed_fields(insight_state(before), insight_state(after))
    if new:
        steps = [*steps, Step("insight", after.id, old, new)]
    if steps:
        await call.record(UPDATE.name, after.title, steps)
    changes = describe_changes(old, new)
    return tell_write(
        f"{done} {name_insight(call.api, after)}.", changes=changes or ["nothing, it was so already"], notes=notes
    )


async def _new_query(before: Insight, given: object, call: Call, *, force: bool) -> tuple[dict[str, object], str]:
    from insights_mcp.server.merging import merge_query

    if before.query is None and isinstance(given, dict) and "kind" not in given:
        raise InputError(
            "insight-update: this insight is kept as old filters, so there is no query to patch.",
            advice="Give a whole query with its kind.",
        )
    merged, checked = merge_query(before.query or {}, given, call.notes)
    if checked is None:
        return merged, "Not tried: what is stored is newer than this server knows."
    if not force:
        await check_names(call, checked, before.query)
    return merged, (await try_query(call, checked)).line


def _dashboards(arguments: UpdateArguments, present: Sequence[int]) -> list[int] | None:
    if arguments.dashboards is None and not arguments.add_to_dashboards and not arguments.remove_from_dashboards:
        return None
    wanted = arguments.dashboards if arguments.dashboards is not None else list(present)
    removed = set(arguments.remove_from_dashboards or ())
    return list(dict.fromkeys(one for one in [*wanted, *(arguments.add_to_dashboards or ())] if one not in removed))


def _normal(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields as the server will keep them: tags trimmed, lower-case, each once (facts/rest-api.md 5)."""
    normal = dict(fields)
    if "tags" in normal:
        normal["tags"] = sorted({tag.strip().lower() for tag in normal["tags"]})
    if "dashboards" in normal:
        normal["dashboards"] = sorted(normal["dashboards"])
    return normal


UPDATE = Tool(
    "insight-update",
    "Change an insight",
    UpdateArguments,
    update_insight,
    hints=CHANGES,
    aliases={"insights-partial-update": {}, "insight-partial-update": {}, "update-insight": {}},
)
DELETE = Tool(
    "insight-delete",
    "Delete an insight",
    DeleteArguments,
    delete_insight,
    hints=CHANGES,
    aliases={"insights-destroy": {}, "insight-destroy": {}, "delete-insight": {}},
)
