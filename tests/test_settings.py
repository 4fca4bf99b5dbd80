"""Settings: what the environment may say, and the one clear line when it says something wrong."""

from pathlib import Path

import pytest

from insights_mcp.errors import SettingsError
from insights_mcp.settings import Settings


def test_empty_environment_means_the_local_backend(tmp_path: Path) -> None:
    settings = Settings.from_environ({"XDG_DATA_HOME": str(tmp_path)})
    assert settings.is_local
    assert settings.data_dir == tmp_path / "insights-mcp"
    assert (settings.host, settings.project_id, settings.read_only, settings.tools) == (
        "https://us.posthog.com",
        None,
        False,
        (),
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("us", "https://us.posthog.com"),
        ("EU", "https://eu.posthog.com"),
        ("https://posthog.example.com/", "https://posthog.example.com"),
        ("http://localhost:8000/base/", "http://localhost:8000/base"),
        ("", "https://us.posthog.com"),
    ],
)
def test_host_is_a_region_or_any_url(host: str, expected: str) -> None:
    assert Settings.from_environ({"POSTHOG_HOST": host}).host == expected


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("POSTHOG_API_KEY", "phc_abc", "project token"),
        ("POSTHOG_API_KEY", "phx_a b", "space"),
        ("POSTHOG_HOST", "asia", "us, eu, or an http(s) URL"),
        ("POSTHOG_HOST", "ftp://x", "us, eu, or an http(s) URL"),
        ("POSTHOG_PROJECT_ID", "my project", "not a project number"),
        ("POSTHOG_PROJECT_ID", "0", "not a project number"),
        ("OPENAI_BASE_URL", "localhost:11434", "not an http(s) URL"),
        ("INSIGHTS_CLICKHOUSE_URL", "tcp://x:9000", "not an http(s) URL"),
        ("INSIGHTS_MCP_READ_ONLY", "maybe", "neither true nor false"),
        ("INSIGHTS_MCP_DATA_DIR", __file__, "is a file"),
    ],
)
def test_wrong_value_is_one_line_naming_the_variable(variable: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({variable: value})
    assert str(caught.value).startswith(f"{variable}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_secrets_never_show_in_repr() -> None:
    settings = Settings.from_environ({"POSTHOG_API_KEY": "phx_secret", "OPENAI_API_KEY": "sk-secret"})
    assert "secret" not in repr(settings)


def test_tools_are_split_at_commas_and_spaces() -> None:
    settings = Settings.from_environ({"INSIGHTS_MCP_TOOLS": "insights-list, insight-get  query-run,"})
    assert settings.tools == ("insights-list", "insight-get", "query-run")
