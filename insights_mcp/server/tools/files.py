"""`insights-files`: insights and dashboards as YAML text, out of one project and into another."""

import re
from collections.abc import Sequence

from insights_mcp.errors import InputError
from insights_mcp.render.tokens import estimate_tokens
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.asking import DEFAULT_TOKENS, MaxTokens
from insights_mcp.server.files.applying import Options, carry_out, prepare
from insights_mcp.server.files.exporting import Export, Exported, Wanted, export
from insights_mcp.server.files.findings import FilesRefused
from insights_mcp.server.files.telling import count_plan
from insights_mcp.server.identifiers import find_dashboard, find_insight
from insights_mcp.server.tool import Call, Hints, Tool

_NAME = "yaml"
_LINE = re.compile(rf"^{_NAME}:(?=\d)")
_MAX_LINES = 40
_MAX_WARNINGS = 5
_ERROR_ROOM = 520


class FilesArguments(Arguments):
    """What to export, or the text to apply."""

    insights: list[str] | None = None
    dashboards: list[str] | None = None
    yaml: str | None = None
    dry_run: bool = False
    max_tokens: MaxTokens = DEFAULT_TOKENS


async def exchange_files(arguments: FilesArguments, call: Call) -> str:
    """Export what is named, or apply the text given."""
    if arguments.yaml is not None:
        if arguments.insights or arguments.dashboards:
            raise InputError("insights-files: yaml is applied, the others export.", advice="Give one or the other.")
        return await _apply(arguments.yaml, call, dry_run=arguments.dry_run)
    return await _export(arguments, call)


async def _export(arguments: FilesArguments, call: Call) -> str:
    if not (arguments.insights or arguments.dashboards):
        raise InputError(
            "insights-files: nothing to export was named.",
            advice="Give ids as insights or dashboards; or yaml to apply.",
        )
    insights = [await call.api.insights.number(await find_insight(call, given)) for given in arguments.insights or ()]
    dashboards = [await find_dashboard(call, given) for given in arguments.dashboards or ()]
    found = await export(call.api, Wanted(insights, dashboards))
    if not found.documents:
        raise InputError("insights-files: there is nothing to export.", advice="insights-list shows what there is.")
    return "\n".join([_cut(found, arguments.max_tokens), *(f"# {note}" for note in found.notes)])


def _cut(found: Export, room: int) -> str:
    """Return whole documents as far as they fit, and what is left out; a comment, so that it stays YAML."""
    kept: list[Exported] = []
    left = room
    for one in found.documents:
        left -= estimate_tokens(one.text) + 1
        if left < 0 and kept:
            break
        kept.append(one)
    text = Export(kept).text.rstrip()
    rest = found.documents[len(kept) :]
    if not rest:
        return text
    names = ", ".join(f"{one.kind} {one.key}" for one in rest[:10])
    more = f" and {len(rest) - 10} more" if len(rest) > 10 else ""
    return f"{text}\n# Left out for size: {names}{more}. Raise max_tokens, or export fewer ids at once."


async def _apply(text: str, call: Call, *, dry_run: bool) -> str:
    try:
        prepared = await prepare(call, {_NAME: text}, Options())
    except FilesRefused as refused:
        raise InputError(_fit(refused)) from None
    changes = _shorten(prepared.lines[:-1], _MAX_LINES)
    warnings = _shorten([f"Warning, {warning}" for warning in prepared.warnings], _MAX_WARNINGS)
    count = count_plan(prepared.plan)
    if dry_run:
        return "\n".join([f"Dry run, nothing written. It would be: {count}", *changes, *warnings])
    left = await carry_out(call, prepared)
    if prepared.plan.is_nothing:
        return "\n".join([f"Nothing to change: {count}", *changes, *warnings])
    return "\n".join([f"Applied: {count}", *changes, *warnings, *_shorten(left, _MAX_LINES)])


def _shorten(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"and {len(lines) - most + 1} more"]


def _fit(refused: FilesRefused) -> str:
    """Return as many problems as an error has room for."""
    said, room = [refused.message], _ERROR_ROOM - len(refused.message)
    for number, line in enumerate(refused.errors, 1):
        told = f"({number}) {_LINE.sub('line ', line, count=1)}{'' if line.endswith(('?', '.')) else '.'}"
        if len(told) > room and number > 1:
            said.append(f"And {len(refused.errors) - number + 1} more.")
            break
        said.append(told[:room])
        room -= len(told) + 1
    return " ".join(said)


TOOL = Tool(
    "insights-files",
    "Insights as YAML",
    FilesArguments,
    exchange_files,
    hints=Hints(destructive=True, idempotent=True),
    aliases={},
    writes=lambda arguments: arguments.yaml is not None and not arguments.dry_run,
)
