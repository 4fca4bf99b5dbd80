"""The `insights-mcp` command. Imports only the standard library at module level: MCP clients race its start.

Without a subcommand it is the MCP server over stdio. Nothing but the protocol goes to stdout there.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from insights_mcp.errors import InsightsError, SettingsError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction

    from insights_mcp.settings import Settings

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong option or variable, 130 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _dispatch(arguments)
    except SettingsError as error:
        print(f"insights-mcp: {error}", file=sys.stderr)
        status = EXIT_USAGE
    except InsightsError as error:
        print(f"insights-mcp: {error}", file=sys.stderr)
        status = EXIT_FAILED
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    sys.exit(status)


def _dispatch(arguments: list[str]) -> int:
    from insights_mcp.settings import Settings

    if not arguments:
        from insights_mcp.commands.stdio import serve_stdio

        return serve_stdio(Settings.from_environ())
    options = _parse(arguments)
    return _run(options, Settings.from_environ())


def _run(options: "Namespace", settings: "Settings") -> int:
    if options.command == "api":
        from insights_mcp.commands.api import serve_api

        return serve_api(settings, options.host, options.port, options.api_key, options.data_dir)
    if options.command == "backend":
        from insights_mcp.commands.backend import serve_backend

        return serve_backend(settings, options.data_dir, options.idle_seconds, seed=options.seed_demo)
    import anyio

    if options.command == "import":
        from insights_mcp.commands.imports import import_files

        return anyio.run(import_files, settings, options)
    if options.command == "demo":
        from insights_mcp.commands.demo import show_demo

        return anyio.run(show_demo)
    if options.command in ("export", "apply"):
        from insights_mcp.commands.files import run_apply, run_export

        return anyio.run(run_export if options.command == "export" else run_apply, settings, options)
    if options.command == "chart":
        from insights_mcp.commands.chart import run_chart

        return anyio.run(run_chart, settings, options)
    from insights_mcp.commands.doctor import run_doctor

    return anyio.run(run_doctor, settings, print)


def _parse(arguments: list[str]) -> "Namespace":
    import argparse
    from pathlib import Path

    from insights_mcp import __version__

    parser = argparse.ArgumentParser(
        prog="insights-mcp",
        description="PostHog insights for LLM agents. Without a command: the MCP server over stdio.",
    )
    parser.add_argument("--version", action="version", version=f"insights-mcp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    api = commands.add_parser("api", help="serve the local backend's REST API over HTTP for other programs")
    api.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    api.add_argument("--port", type=_port, default=8010, help="port to listen on (default 8010; 0 picks one)")
    api.add_argument("--api-key", help="the personal API key to accept (phx_...); made and shown when not given")
    api.add_argument("--data-dir", type=Path, help="where events and insights are kept")

    importing = commands.add_parser("import", help="import events from CSV, JSON lines or Parquet files")
    importing.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file, also gzipped")
    importing.add_argument("--event-column", help="the column with the event's name")
    importing.add_argument("--time-column", help="the column with the time")
    importing.add_argument("--actor-column", help="the column with the user's id (distinct_id)")
    importing.add_argument("--uuid-column", help="the column with a unique id of the event")
    importing.add_argument("--timezone", help="time zone of times without an offset (default UTC), e.g. Europe/Berlin")
    importing.add_argument("--project-id", type=int, default=1, help="the project to import into (default 1)")
    importing.add_argument("--data-dir", type=Path, help="where events and insights are kept")

    chart = commands.add_parser("chart", help="draw a saved insight in the terminal, or as a PNG or SVG file")
    chart.add_argument("insight", metavar="ID", help="number, short_id, address or name")
    chart.add_argument("-o", "--output", type=Path, metavar="FILE", help="a .png or .svg file (default: the terminal)")
    chart.add_argument("--theme", choices=("light", "dark"), default="light", help="of a picture (default light)")

    _add_files(commands)
    commands.add_parser("demo", help="show a short session with the demo project")
    commands.add_parser("doctor", help="test key, scopes, host, project and clock; print client configuration")

    backend = commands.add_parser("backend")  # started by the server itself; without help it is not listed
    backend.add_argument("--data-dir", type=Path)
    backend.add_argument("--idle-seconds", type=float, default=900.0)
    backend.add_argument("--seed-demo", action="store_true")
    return parser.parse_args(arguments)


def _add_files(commands: "_SubParsersAction[ArgumentParser]") -> None:
    from pathlib import Path

    export = commands.add_parser("export", help="write insights and dashboards as YAML files")
    export.add_argument("--insight", action="append", default=[], metavar="ID", help="number, short_id or address")
    export.add_argument("--dashboard", action="append", default=[], metavar="ID", help="with all its insights")
    export.add_argument("--tag", help="everything with this tag")
    export.add_argument("--all", action="store_true", help="every saved insight and every dashboard")
    export.add_argument("-o", "--output", metavar="FILE|DIR", help="one .yaml file, or a directory (default: shown)")

    apply = commands.add_parser(
        "apply",
        help="make a project as YAML files say",
        epilog="Exit codes: 0 done, or nothing to do; 1 failed or not confirmed; 2 something is wrong in the files or "
        "options; 3 --dry-run found differences.",
    )
    apply.add_argument("paths", nargs="+", type=Path, metavar="FILE|DIR", help="files of export, or like them")
    apply.add_argument("--dry-run", action="store_true", help="check and show what would change, write nothing")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.add_argument("--strict", action="store_true", help="refuse events and properties the project does not have")
    apply.add_argument("--unchecked", action="store_true", help="let queries through that this version does not know")
    apply.add_argument(
        "--prune",
        choices=("never", "tiles", "all"),
        default="never",
        help="take away tiles that their file does not list; all: also what was applied once and has no file",
    )


def _port(text: str) -> int:
    import argparse

    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)
