"""Settings from the environment: the one reader of `os.environ`. Only `cli` imports this and hands plain values down.

Kept to the standard library: it is imported before the MCP handshake is answered.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from insights_mcp.errors import SettingsError

REGIONS = {"us": "https://us.posthog.com", "eu": "https://eu.posthog.com"}
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True)
class Variable:
    """One environment variable as the README and server.json list it."""

    name: str
    description: str
    default: str | None = None
    is_secret: bool = False


VARIABLES = (
    Variable("POSTHOG_API_KEY", "Personal API key (phx_...). Without it the local backend answers.", is_secret=True),
    Variable("POSTHOG_HOST", "us, eu, or the URL of a self-hosted PostHog.", default="us"),
    Variable("POSTHOG_PROJECT_ID", "Project number. Without it, the key's current project."),
    Variable("OPENAI_API_KEY", "Lets a model write insight names and descriptions.", is_secret=True),
    Variable("OPENAI_BASE_URL", "Any OpenAI-compatible server, for example a local one."),
    Variable("INSIGHTS_MCP_MODEL", "The model that writes names and descriptions.", default="gpt-5-mini"),
    Variable("INSIGHTS_MCP_DATA_DIR", "Where the local backend keeps events and insights."),
    Variable("INSIGHTS_MCP_READ_ONLY", "true hides every tool that writes.", default="false"),
    Variable("INSIGHTS_MCP_TOOLS", "Comma-separated names: list only these tools."),
    Variable("INSIGHTS_CLICKHOUSE_URL", "A ClickHouse server for the local backend's events.", is_secret=True),
)


@dataclass(frozen=True)
class Settings:
    """Checked settings. `host` is a base URL without a trailing slash; secrets never show in repr."""

    api_key: str | None = field(default=None, repr=False)
    host: str = REGIONS["us"]
    project_id: int | None = None
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    model: str = "gpt-5-mini"
    data_dir: Path = field(default_factory=lambda: default_data_dir(os.environ))
    read_only: bool = False
    tools: tuple[str, ...] = ()
    clickhouse_url: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """True when the local backend answers: no PostHog key is set."""
        return self.api_key is None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment. An empty value counts as unset, as MCP clients often send those.

        Raises SettingsError naming the first variable with a wrong value.
        """
        env = {name: value.strip() for name, value in (os.environ if environ is None else environ).items()}
        return cls(
            api_key=_api_key(env.get("POSTHOG_API_KEY")),
            host=_host(env.get("POSTHOG_HOST")),
            project_id=_project_id(env.get("POSTHOG_PROJECT_ID")),
            openai_api_key=env.get("OPENAI_API_KEY") or None,
            openai_base_url=_url("OPENAI_BASE_URL", env.get("OPENAI_BASE_URL")),
            model=env.get("INSIGHTS_MCP_MODEL") or cls.model,
            data_dir=_data_dir(env),
            read_only=_flag("INSIGHTS_MCP_READ_ONLY", env.get("INSIGHTS_MCP_READ_ONLY")),
            tools=_names(env.get("INSIGHTS_MCP_TOOLS")),
            clickhouse_url=_url("INSIGHTS_CLICKHOUSE_URL", env.get("INSIGHTS_CLICKHOUSE_URL")),
        )


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Return the per-user data directory: `$XDG_DATA_HOME/insights-mcp`, else `~/.local/share/insights-mcp`."""
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "insights-mcp"


def _api_key(value: str | None) -> str | None:
    if not value:
        return None
    if value.startswith("phc_"):
        raise SettingsError(
            "POSTHOG_API_KEY",
            "this is a project token (phc_...), which cannot read insights.",
            advice="Create a personal API key (phx_...) in PostHog under Settings, Personal API keys.",
        )
    if re.search(r"\s|[^\x21-\x7e]", value):
        raise SettingsError("POSTHOG_API_KEY", "holds a space or a character that no key has.", advice="Copy it again.")
    return value


def _host(value: str | None) -> str:
    if not value:
        return REGIONS["us"]
    return REGIONS.get(value.lower()) or _url("POSTHOG_HOST", value, wanted="us, eu, or an http(s) URL") or ""


def _url(variable: str, value: str | None, wanted: str = "an http(s) URL") -> str | None:
    if not value:
        return None
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(variable, f"is not {wanted}.", advice="Example: https://posthog.example.com")
    return value.rstrip("/")


def _project_id(value: str | None) -> int | None:
    if not value or value == "@current":
        return None
    if not value.isdecimal() or int(value) == 0:
        raise SettingsError(
            "POSTHOG_PROJECT_ID", "is not a project number.", advice="Example: 12345, as in /project/12345"
        )
    return int(value)


def _flag(variable: str, value: str | None) -> bool:
    if not value or value.lower() in _FALSE:
        return False
    if value.lower() in _TRUE:
        return True
    raise SettingsError(variable, f"{value!r} is neither true nor false.", advice="Use true or false.")


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[,\s]+", value or "") if name)


def _data_dir(env: Mapping[str, str]) -> Path:
    value = env.get("INSIGHTS_MCP_DATA_DIR")
    path = Path(value).expanduser() if value else default_data_dir(env)
    if path.exists() and not path.is_dir():
        raise SettingsError("INSIGHTS_MCP_DATA_DIR", "is a file, not a directory.", advice="Name a directory.")
    return path.absolute()
