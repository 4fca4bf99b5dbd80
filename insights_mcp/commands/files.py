"""`insights-mcp export` and `insights-mcp apply`: insights and dashboards as files, between projects."""

import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import to_thread

from insights_mcp.commands.calls import open_call
from insights_mcp.commands.connect import make_client
from insights_mcp.commands.folders import known_keys, read_texts, write_export
from insights_mcp.errors import InputError, PermissionDenied
from insights_mcp.render.marking import quote
from insights_mcp.server.files.applying import Options, Prepared, carry_out, prepare
from insights_mcp.server.files.exporting import Wanted, export
from insights_mcp.server.files.findings import FilesRefused
from insights_mcp.server.identifiers import find_dashboard, find_insight
from insights_mcp.server.tool import Call

if TYPE_CHECKING:
    from insights_mcp.commands.calls import MakeClient
    from insights_mcp.settings import Settings

_MAX_NAME = 60
DONE, FAILED, WRONG, DIFFERS = 0, 1, 2, 3


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


async def run_export(settings: "Settings", options: Namespace, *, make_client: "MakeClient" = make_client) -> int:
    """Write what the options name to a file, a directory or the output. Return the exit code.

    Raises what the API raises.
    """
    try:
        if not (options.insight or options.dashboard or options.tag or options.all):
            raise InputError("Nothing to export was named.", advice="Give --insight, --dashboard, --tag or --all.")
        async with open_call(settings, make_client) as call:
            found = await export(call.api, await _wanted(call, options))
            if not found.documents:
                raise InputError("There is nothing to export.")
            if options.output in (None, "-"):
                _write(found.text)
            else:
                for line in await to_thread.run_sync(write_export, found, options.output):
                    _write(f"{line}\n")
            for note in (*found.notes, *call.notes):
                _tell(note)
    except InputError as error:
        _tell(f"insights-mcp export: {error}")
        return WRONG
    return DONE


async def run_apply(
    settings: "Settings",
    options: Namespace,
    *,
    make_client: "MakeClient" = make_client,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Check files against the project, show what they change, ask, write and read back. Return the exit code.

    `ask` puts a question to the person; None when there is nobody to ask. Raises what the API raises.
    """
    try:
        if settings.read_only and not options.dry_run:
            raise InputError("INSIGHTS_MCP_READ_ONLY is set.", advice="Use --dry-run, or unset it.")
        texts = await to_thread.run_sync(read_texts, options.paths)
        how = Options(options.prune, options.strict, options.unchecked)
        async with open_call(settings, make_client) as call:
            prepared = await prepare(call, texts, how)
            await _show(call, prepared)
            if options.dry_run:
                return DONE if prepared.plan.is_nothing else DIFFERS
            if not options.yes and not prepared.plan.is_nothing:
                await _confirm(call, prepared, texts, ask or _terminal())
            left = await carry_out(call, prepared)
            if not prepared.plan.is_nothing:
                _write("\n".join(["Applied.", *left, *call.handles]) + "\n")
    except FilesRefused as refused:
        _tell(f"insights-mcp apply: {refused}")
        return WRONG
    except _NotConfirmed as stopped:
        _tell(str(stopped))
        return FAILED
    except InputError as error:
        _tell(f"insights-mcp apply: {error}")
        return WRONG
    return DONE


class _NotConfirmed(InputError):
    """Nobody said yes."""


async def _show(call: Call, prepared: Prepared) -> None:
    for warning in prepared.warnings:
        _tell(f"warning: {warning}")
    name = ""
    with suppress(PermissionDenied):  # a key may write insights and not read what its project is called
        name = f" {quote((await call.api.project()).name, _MAX_NAME)}"
    _write("\n".join([f"Project{name} at {prepared.plan.project.address}", *prepared.lines]) + "\n")


async def _confirm(call: Call, prepared: Prepared, texts: dict[str, str], ask: Callable[[str], str] | None) -> None:
    """Ask, and make sure that nothing changed in the meantime.

    Raises _NotConfirmed.
    """
    if ask is None:
        raise _NotConfirmed("Nothing was written: there is nobody to ask.", advice="Give --yes to write all the same.")
    answer = await to_thread.run_sync(ask, "Apply? [y/N] ", abandon_on_cancel=True)
    if answer.strip().lower() not in ("y", "yes"):
        raise _NotConfirmed("Nothing was written.")
    again = await prepare(call, texts, prepared.options)
    if again.lines != prepared.lines:
        raise _NotConfirmed("Nothing was written: the project changed while you looked.", advice="Apply again.")


def _terminal() -> Callable[[str], str] | None:
    if not sys.stdin.isatty():
        return None

    def ask(question: str) -> str:
        try:
            return input(question)
        except EOFError:
            return ""

    return ask


async def _wanted(call: Call, options: Namespace) -> Wanted:
    insights = [await call.api.insights.number(await find_insight(call, given)) for given in options.insight]
    dashboards = [await find_dashboard(call, given) for given in options.dashboard]
    known = await to_thread.run_sync(known_keys, options.output)
    return Wanted(insights, dashboards, options.tag, options.all, known)
