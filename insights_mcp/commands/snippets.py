"""Ready configuration for MCP clients. Secrets stay out: each snippet says where the client takes them from."""

import json
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from insights_mcp.settings import REGIONS, VARIABLES, Settings

NAME = "insights"
_SECRETS = {variable.name: variable.description for variable in VARIABLES if variable.is_secret}


@dataclass(frozen=True)
class Snippet:
    """What to type or paste for one client."""

    client: str
    where: str
    text: str


def make_snippets(settings: Settings, host: str) -> Sequence[Snippet]:
    """Return the snippets for these settings; `host` is where the key was found to be known."""
    plain, secrets = plain_variables(settings, host), secret_variables(settings)
    return (
        Snippet("Claude Code", "in a shell where the keys are set", _claude_code(plain, secrets)),
        Snippet("Claude Desktop", "claude_desktop_config.json, with your keys", _servers(plain, secrets, "<your {}>")),
        Snippet("Cursor", ".cursor/mcp.json", _servers(plain, secrets, "${{env:{}}}")),
        Snippet("VS Code", ".vscode/mcp.json", _vs_code(plain, secrets)),
    )


def command() -> Sequence[str]:
    """Return how to start this program by its whole path: desktop clients know no PATH of yours."""
    found = shutil.which("insights-mcp", path=str(Path(sys.executable).parent)) or shutil.which("insights-mcp")
    return [found] if found else [sys.executable, "-m", "insights_mcp"]


def plain_variables(settings: Settings, host: str) -> Mapping[str, str]:
    """Return the environment variables that differ from their defaults and are no secrets."""
    defaults = Settings()
    variables = {}
    if not settings.is_local:
        region = next((name for name, url in REGIONS.items() if url == host), None)
        variables["POSTHOG_HOST"] = region or host
    if settings.project_id is not None:
        variables["POSTHOG_PROJECT_ID"] = str(settings.project_id)
    if settings.is_local and settings.data_dir != defaults.data_dir:
        variables["INSIGHTS_MCP_DATA_DIR"] = str(settings.data_dir)
    if settings.openai_base_url:
        variables["OPENAI_BASE_URL"] = settings.openai_base_url
    if settings.model != defaults.model:
        variables["INSIGHTS_MCP_MODEL"] = settings.model
    if settings.read_only:
        variables["INSIGHTS_MCP_READ_ONLY"] = "true"
    if settings.tools:
        variables["INSIGHTS_MCP_TOOLS"] = ",".join(settings.tools)
    return variables


def secret_variables(settings: Settings) -> Sequence[str]:
    """Return the names of the secrets in use."""
    values = {
        "POSTHOG_API_KEY": settings.api_key,
        "OPENAI_API_KEY": settings.openai_api_key,
        "INSIGHTS_CLICKHOUSE_URL": settings.clickhouse_url if settings.is_local else None,
    }
    return [name for name, value in values.items() if value]


def _claude_code(plain: Mapping[str, str], secrets: Sequence[str]) -> str:
    pairs = [f'{name}="${name}"' for name in secrets] + [
        f"{name}={shlex.quote(value)}" for name, value in plain.items()
    ]
    options = "".join(f" --env {pair}" for pair in pairs)
    return f"claude mcp add --transport stdio{options} {NAME} -- {' '.join(shlex.quote(word) for word in command())}"


def _servers(plain: Mapping[str, str], secrets: Sequence[str], secret_form: str) -> str:
    server = _server({**{name: secret_form.format(name) for name in secrets}, **plain})
    return _json({"mcpServers": {NAME: server}})


def _vs_code(plain: Mapping[str, str], secrets: Sequence[str]) -> str:
    ids = {name: name.lower().replace("_", "-") for name in secrets}
    server = _server({**{name: f"${{input:{ids[name]}}}" for name in secrets}, **plain})
    config: dict[str, object] = {"servers": {NAME: {"type": "stdio", **server}}}
    if secrets:
        config["inputs"] = [
            {"id": ids[name], "type": "promptString", "description": _SECRETS[name], "password": True}
            for name in secrets
        ]
    return _json(config)


def _server(env: Mapping[str, str]) -> dict[str, object]:
    program, *arguments = command()
    server: dict[str, object] = {"command": program}
    if arguments:
        server["args"] = arguments
    if env:
        server["env"] = dict(env)
    return server


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
