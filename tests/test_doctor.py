"""`insights-mcp doctor` names each trouble and its cure, and never prints a key."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from insights_mcp.client import Endpoint, PostHogClient
from insights_mcp.client.transport import local_transport
from insights_mcp.commands.doctor import run_doctor
from insights_mcp.errors import BackendFailed
from insights_mcp.settings import Settings
from tests.upstream import KEY, Key, Upstream, answered, envelope, refused, throttled

pytestmark = pytest.mark.anyio
US, EU = "https://us.posthog.com", "https://eu.posthog.com"
SETTINGS = Settings(api_key=KEY, host=US, data_dir=Path("/data"))


@pytest.fixture
def cloud() -> dict[str, Upstream]:
    """Both regions; only the American one knows the key."""
    europe = Upstream(EU)
    europe.keys.clear()
    return {US: Upstream(US), EU: europe}


def clients_of(upstreams: dict[str, Upstream]) -> Callable[[Settings], PostHogClient]:
    def make_client(settings: Settings) -> PostHogClient:
        return upstreams[settings.host].client(settings.api_key or KEY, project_id=settings.project_id)

    return make_client


async def examine(settings: Settings, upstreams: dict[str, Upstream]) -> tuple[int, str]:
    lines: list[str] = []
    status = await run_doctor(settings, lines.append, make_client=clients_of(upstreams))
    text = "\n".join(lines)
    assert KEY not in text
    return status, text


async def test_good_settings_pass_and_end_in_client_configuration(cloud: dict[str, Upstream]) -> None:
    status, text = await examine(SETTINGS, cloud)

    assert status == 0
    findings = text.partition("\n\n")[0].splitlines()
    assert [line.split()[:2] for line in findings] == [
        ["ok", "key"],
        ["ok", "clock"],
        ["ok", "project"],
        ["ok", "scopes"],
        ["ok", "names"],
    ]
    assert "it is Ada's" in text
    assert "Web shop (1), time zone UTC; the owner's current one." in text


async def test_examining_changes_nothing(cloud: dict[str, Upstream]) -> None:
    await examine(SETTINGS, cloud)

    world = cloud[US].world
    assert (world.insights, world.dashboards, world.sharing, world.activity) == ({}, {}, {}, [])


async def test_key_of_the_other_region_is_found_there(cloud: dict[str, Upstream]) -> None:
    status, text = await examine(replace(SETTINGS, host=EU), cloud)

    assert status == 1
    assert "FAIL region   The key belongs to the us region. Set POSTHOG_HOST=us." in text
    assert '"POSTHOG_HOST": "us"' in text


async def test_key_unknown_in_both_regions_is_said_so(cloud: dict[str, Upstream]) -> None:
    cloud[US].keys.clear()
    status, text = await examine(SETTINGS, cloud)

    assert status == 1
    assert "FAIL key      Neither region of PostHog knows it." in text


async def test_key_of_an_own_server_is_not_shown_to_the_cloud(cloud: dict[str, Upstream]) -> None:
    own = Upstream("https://posthog.example.com")
    own.keys.clear()
    status, text = await examine(replace(SETTINGS, host=own.base_url), {**cloud, own.base_url: own})

    assert status == 1
    assert "FAIL key      PostHog does not know this API key." in text
    assert cloud[US].requests == cloud[EU].requests == []


async def test_missing_scopes_are_named_together(cloud: dict[str, Upstream]) -> None:
    cloud[US].keys[KEY] = Key(frozenset({"insight:write", "query:read", "user:read", "project:read"}))
    status, text = await examine(SETTINGS, cloud)

    assert status == 0
    assert "warn scopes   Without dashboard:write it cannot change dashboards." in text
    assert (
        "under Settings, Personal API keys: event_definition:read, property_definition:read, dashboard:read, "
        "activity_log:read, sharing_configuration:read, dashboard:write, sharing_configuration:write."
    ) in text


async def test_missing_core_scope_fails(cloud: dict[str, Upstream]) -> None:
    cloud[US].keys[KEY] = Key(frozenset({"insight:read"}))
    status, text = await examine(SETTINGS, cloud)

    assert status == 1
    assert "FAIL scopes   Without query:read it cannot run queries." in text
    assert "warn project  The owner's current one" in text


async def test_key_that_only_reads_is_told_of_read_only_mode(cloud: dict[str, Upstream]) -> None:
    scopes = "insight query user project event_definition property_definition dashboard activity_log"
    cloud[US].keys[KEY] = Key(frozenset(f"{name}:read" for name in [*scopes.split(), "sharing_configuration"]))
    status, text = await examine(SETTINGS, cloud)
    quiet_status, quiet = await examine(replace(SETTINGS, read_only=True), cloud)

    assert (status, quiet_status) == (0, 0)
    assert "Or set INSIGHTS_MCP_READ_ONLY=true." in text
    assert "The key may do all" in quiet
    assert ":write" not in quiet


async def test_wrong_project_lists_those_the_key_reaches(cloud: dict[str, Upstream]) -> None:
    status, text = await examine(replace(SETTINGS, project_id=99), cloud)

    assert status == 1
    assert "FAIL project  There is no such project for this key." in text
    assert "The key reaches: 1 Web shop." in text


@pytest.mark.parametrize(
    ("ahead", "says"),
    [(timedelta(minutes=10), "10 minutes behind"), (timedelta(minutes=-10), "10 minutes ahead of")],
)
async def test_wrong_clock_is_said_so(cloud: dict[str, Upstream], ahead: timedelta, says: str) -> None:
    cloud[US].clock_ahead = ahead
    status, text = await examine(SETTINGS, cloud)

    assert status == 1
    assert f"FAIL clock    This machine's clock is {says} the server's." in text


async def test_server_out_of_reach_is_said_so_once(cloud: dict[str, Upstream]) -> None:
    cloud[US].fail_next(refused(), times=99)
    status, text = await examine(SETTINGS, cloud)

    assert status == 1
    assert text.count("FAIL") == 1
    assert "FAIL host     No answer from us.posthog.com" in text


async def test_web_page_instead_of_an_api_points_at_the_host(cloud: dict[str, Upstream]) -> None:
    cloud[US].fail_next(answered(200, html="<html>"), times=99)
    status, text = await examine(SETTINGS, cloud)

    assert status == 1
    assert "FAIL host" in text
    assert "Check POSTHOG_HOST" in text


async def test_probe_that_fails_otherwise_is_no_missing_scope(cloud: dict[str, Upstream]) -> None:
    cloud[US].fail_next(throttled(3600), on="event_definitions")
    cloud[US].fail_next(envelope(403, "permission_denied", "Because."), on="activity")
    status, text = await examine(SETTINGS, cloud)

    assert status == 0
    assert "warn scopes   event_definition:read could not be tested" in text
    assert "warn scopes   Cannot read activity" in text


async def test_names_from_the_project_cannot_steer_the_terminal(cloud: dict[str, Upstream]) -> None:
    cloud[US].world.projects[1]["name"] = "Shop\x1b[2J\n\u202eFAIL"
    _, text = await examine(SETTINGS, cloud)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Shop [2J  FAIL (1)" in text


async def test_local_backend_is_tested_by_a_query() -> None:
    upstream = Upstream("http://localhost")
    upstream.answers("HogQLQuery", results=[[1234]])
    settings = Settings(host="http://localhost", data_dir=Path("/data/mine"))
    status, text = await examine(settings, {"http://localhost": upstream})

    assert status == 0
    assert "ok   backend  The local backend answers, in /data/mine." in text
    assert "ok   engine   1234 events in the embedded engine." in text
    assert "POSTHOG" not in text.replace("POSTHOG_API_KEY", "")


async def test_local_backend_that_does_not_start_is_said_so() -> None:
    async def locate() -> Endpoint:
        raise BackendFailed("The local backend did not start.", advice="See its log.")

    def make_client(settings: Settings) -> PostHogClient:
        return PostHogClient("http://localhost", "local", transport=local_transport(locate), has_pages=False)

    lines: list[str] = []
    status = await run_doctor(Settings(data_dir=Path("/data")), lines.append, make_client=make_client)

    assert status == 1
    assert lines[0] == "FAIL backend  The local backend did not start. See its log."
    assert any(line.startswith("claude mcp add") for line in lines)


async def test_configuration_is_whole_for_every_client(cloud: dict[str, Upstream]) -> None:
    settings = replace(
        SETTINGS,
        project_id=1,
        openai_api_key="sk-secret",
        openai_base_url="http://localhost:1234/v1",
        model="small",
        read_only=True,
        tools=("insights-list", "query-run"),
    )
    _, text = await examine(settings, cloud)

    assert "sk-secret" not in text
    blocks = {block.partition(" (")[0]: block.partition("\n")[2] for block in text.split("\n\n")[1:]}
    plain = {
        "POSTHOG_HOST": "us",
        "POSTHOG_PROJECT_ID": "1",
        "OPENAI_BASE_URL": "http://localhost:1234/v1",
        "INSIGHTS_MCP_MODEL": "small",
        "INSIGHTS_MCP_READ_ONLY": "true",
        "INSIGHTS_MCP_TOOLS": "insights-list,query-run",
    }
    assert list(blocks) == ["Claude Code", "Claude Desktop", "Cursor", "VS Code"]
    assert blocks["Claude Code"].startswith(
        'claude mcp add --transport stdio --env POSTHOG_API_KEY="$POSTHOG_API_KEY" '
        '--env OPENAI_API_KEY="$OPENAI_API_KEY" --env POSTHOG_HOST=us'
    )
    desktop = json.loads(blocks["Claude Desktop"])["mcpServers"]["insights"]
    cursor = json.loads(blocks["Cursor"])["mcpServers"]["insights"]
    code = json.loads(blocks["VS Code"])
    assert Path(desktop["command"]).is_absolute()
    assert desktop["env"] == {
        **plain,
        "POSTHOG_API_KEY": "<your POSTHOG_API_KEY>",
        "OPENAI_API_KEY": "<your OPENAI_API_KEY>",
    }
    assert cursor["env"]["POSTHOG_API_KEY"] == "${env:POSTHOG_API_KEY}"
    assert code["servers"]["insights"]["env"]["POSTHOG_API_KEY"] == "${input:posthog-api-key}"
    assert [(item["id"], item["password"]) for item in code["inputs"]] == [
        ("posthog-api-key", True),
        ("openai-api-key", True),
    ]
