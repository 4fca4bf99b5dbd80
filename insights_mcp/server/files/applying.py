"""Applying files to a project: checked as a whole, shown, written, read back."""

from collections.abc import Mapping
from dataclasses import dataclass

from insights_mcp.errors import InsightsError
from insights_mcp.server.files.checking import check_names
from insights_mcp.server.files.documents import Files
from insights_mcp.server.files.findings import Findings
from insights_mcp.server.files.planning import Plan, Prune, plan_files
from insights_mcp.server.files.project import read_project
from insights_mcp.server.files.reading import read_files
from insights_mcp.server.files.telling import tell_plan
from insights_mcp.server.files.writing import apply_plan
from insights_mcp.server.tool import Call


@dataclass(frozen=True)
class Options:
    """How to apply: what to take away, whether unknown names are refused, whether unknown queries are let through."""

    prune: Prune = "never"
    strict: bool = False
    unchecked: bool = False


@dataclass(frozen=True)
class Prepared:
    """Files that can be applied: what they say, what would change, what to warn of."""

    files: Files
    plan: Plan
    warnings: tuple[str, ...]
    options: Options

    @property
    def lines(self) -> list[str]:
        """Return the plan as it is shown."""
        return tell_plan(self.plan)


async def prepare(call: Call, texts: Mapping[str, str], options: Options) -> Prepared:
    """Read and check files against the project; nothing is written.

    Raises FilesRefused with everything that is wrong.
    """
    findings = Findings()
    files = read_files(texts, findings, unchecked=options.unchecked)
    if not files.insights and not files.dashboards:
        findings.raise_if_any()
    project = await read_project(call.api)
    plan = await plan_files(call.api, files, project, findings, prune=options.prune)
    await check_names(call, files, project.address, findings, strict=options.strict)
    findings.raise_if_any()
    return Prepared(files, plan, findings.warnings, options)


async def carry_out(call: Call, prepared: Prepared) -> list[str]:
    """Write what was prepared, if anything, and read it back. Returns what the server kept otherwise, a line each.

    Raises what failed, after taking back what was written.
    """
    await apply_plan(call, prepared.plan)
    if prepared.plan.is_nothing:
        return []
    try:
        left = await _what_is_left(call, prepared)
    except InsightsError as error:
        return [f"It could not be read back: {error.message}"]
    if left.is_nothing:
        return []
    return ["The server kept these otherwise than sent:", *tell_plan(left)]


async def _what_is_left(call: Call, prepared: Prepared) -> Plan:
    project = await read_project(call.api)
    return await plan_files(call.api, prepared.files, project, Findings(), prune=prepared.options.prune)
