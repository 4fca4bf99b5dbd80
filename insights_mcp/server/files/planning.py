"""What applying files to a project would change. Planning reads only, and planning again tells what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.dashboards import Dashboard
from insights_mcp.client.models.insights import Insight
from insights_mcp.server.files.board_plans import BoardPlan, plan_board
from insights_mcp.server.files.documents import Files, InsightFile
from insights_mcp.server.files.findings import Findings
from insights_mcp.server.files.keys import key_in, tag_of, without_keys
from insights_mcp.server.files.project import Project, match
from insights_mcp.server.files.query_bodies import is_same_query

Prune = Literal["never", "tiles", "all"]
PRUNES: tuple[Prune, ...] = ("never", "tiles", "all")


@dataclass(frozen=True)
class InsightPlan:
    """An insight: what is there, if it is, and the fields to write."""

    file: InsightFile
    found: Insight | None
    fields: Mapping[str, object]

    @property
    def is_nothing(self) -> bool:
        """Return whether it is as the file says."""
        return self.found is not None and not self.fields


@dataclass(frozen=True)
class Plan:
    """All that applying would do. `gone` have a key that no file has, and are deleted."""

    project: Project
    insights: Sequence[InsightPlan]
    boards: Sequence[BoardPlan]
    gone_insights: Sequence[Insight] = ()
    gone_boards: Sequence[Dashboard] = ()

    @property
    def is_nothing(self) -> bool:
        """Return whether the project is as the files say."""
        is_so = all(one.is_nothing for one in self.insights) and all(one.is_nothing for one in self.boards)
        return is_so and not (self.gone_insights or self.gone_boards)


async def plan_files(
    api: PostHogClient, files: Files, project: Project, findings: Findings, *, prune: Prune = "never"
) -> Plan:
    """Return what applying the files would change; what cannot be done is refused in the findings."""
    found = match(files, project, findings)
    insights = [_plan_insight(file, found.insights.get(key)) for key, file in files.insights.items()]
    boards = []
    for key, file in files.dashboards.items():
        there = found.dashboards.get(key)
        whole = await api.dashboards.get(there.id) if there is not None else None
        boards.append(plan_board(file, whole, files, found, project, findings, prune=prune != "never"))
    if prune != "all":
        return Plan(project, insights, boards)
    kept_insights = {one.id for one in found.insights.values()} | {one.id for plan in boards for one in plan.saved}
    kept_boards = {one.id for one in found.dashboards.values()}
    return Plan(
        project,
        insights,
        boards,
        [one for one in project.insights if key_in(one.tags) and one.id not in kept_insights],
        [one for one in project.dashboards if key_in(one.tags) and one.id not in kept_boards],
    )


def _plan_insight(file: InsightFile, found: Insight | None) -> InsightPlan:
    given: dict[str, object] = {
        "name": file.name,
        "derived_name": file.derived_name,
        "description": file.description,
        "favorited": file.favorited,
    }
    if found is None:
        fields = {name: value for name, value in given.items() if value}
        return InsightPlan(file, None, {**fields, "tags": tags_for(file.key, file.tags), "query": dict(file.query)})
    fields = {name: value for name, value in given.items() if value is not None and _differs(value, found, name)}
    if file.tags is not None and without_keys(file.tags) != without_keys(found.tags):
        fields["tags"] = tags_for(file.key, file.tags)
    if not is_same_query(file.query, found.query):
        fields["query"] = dict(file.query)
    if fields and "tags" not in fields and key_in(found.tags) is None:
        fields["tags"] = tags_for(file.key, found.tags)
    return InsightPlan(file, found, fields)


def tags_for(key: str, tags: Sequence[str] | None) -> list[str]:
    """Return tags as they are to be stored: those people gave, and the one that keeps the key."""
    return [*without_keys(tags or ()), tag_of(key)]


def _differs(value: object, found: Insight | Dashboard, name: str) -> bool:
    return (value or None) != (getattr(found, name) or None)
