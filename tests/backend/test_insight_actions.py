"""Cancel, analyze, suggestions, names, timing, the bulk switch (facts/rest-api.md 9)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest

from insights_mcp.errors import NamingFailed
from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.problems import invalid
from insights_mcp.schema.queries import parse_query
from tests.backend.canned import KEY, CannedQueries
from tests.backend.samples import FUNNEL, INSIGHTS, RETENTION, SQL, TRENDS, VIZ, make_insight

pytestmark = pytest.mark.anyio

METADATA = f"{INSIGHTS}generate_metadata/"


class Model:
    """A language model that says what a test wants, or fails."""

    def __init__(self) -> None:
        self.name, self.description, self.says = "A Name", "A description.", ""
        self.failure: NamingFailed | None = None
        self.asked: list[str] = []

    async def describe(self, query: Mapping[str, object]) -> tuple[str, str]:
        if self.failure:
            raise self.failure
        return self.name, self.description

    async def ask(self, instructions: str, facts: str) -> str:
        self.asked.append(facts)
        if self.failure:
            raise self.failure
        return self.says


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def clever(backend: Backend, model: Model) -> AsyncIterator[httpx.AsyncClient]:
    """A client on a backend that has a model."""
    app = create_app(replace(backend, describe=model.describe, ask=model.ask), api_key=KEY)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


async def test_cancel_answers_201_and_reaches_the_query(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    answer = await api.post(f"{INSIGHTS}cancel/", json={"client_query_id": "mine"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert queries.cancelled == ["mine"]


async def test_cancel_without_an_id_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{INSIGHTS}cancel/", json={})
    assert answer.status_code == 400
    assert (answer.json()["attr"], answer.json()["detail"]) == ("client_query_id", "Field is required.")


async def test_analysis_has_a_headline_points_and_a_recommendation(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    lines = (await api.get(f"{INSIGHTS}{made['short_id']}/analyze/")).json()["result"].splitlines()
    assert lines[0].startswith("signed_up rose over the period")
    assert all(line.startswith("- ") for line in lines[1:-1])
    assert not lines[-1].startswith("- ")


async def test_analysis_of_anything_but_a_chart_is_empty(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, query=SQL)
    assert (await api.get(f"{INSIGHTS}{made['id']}/analyze/")).json() == {"result": ""}


async def test_analysis_without_results_says_so(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    made = await make_insight(api)
    queries.problem = invalid("Unable to resolve field: foo")
    assert (await api.get(f"{INSIGHTS}{made['id']}/analyze/")).json() == {"result": "No results available."}


async def test_model_analyses_where_there_is_one_and_the_rules_when_it_fails(
    clever: httpx.AsyncClient, model: Model
) -> None:
    made = await make_insight(clever, name="Signups")
    model.says = "  Signups tripled.  "
    assert (await clever.get(f"{INSIGHTS}{made['id']}/analyze/")).json() == {"result": "Signups tripled."}
    assert "Signups" in model.asked[0]
    model.failure = NamingFailed("timed out")
    assert "rose" in (await clever.get(f"{INSIGHTS}{made['id']}/analyze/")).json()["result"]


@pytest.mark.parametrize("query", [VIZ, FUNNEL, RETENTION])
async def test_suggestions_are_charts_that_can_be_run(api: httpx.AsyncClient, query: object) -> None:
    made = await make_insight(api, query=query)
    for answer in (
        await api.get(f"{INSIGHTS}{made['id']}/suggestions/"),
        await api.post(f"{INSIGHTS}{made['id']}/suggestions/", json={"context": "It rose."}),
    ):
        found = answer.json()
        assert 1 <= len(found) <= 5
        for suggestion in found:
            assert set(suggestion) == {"title", "description", "targetQuery"}
            assert suggestion["targetQuery"]["kind"] == "InsightVizNode"
            parse_query(suggestion["targetQuery"])


async def test_retention_leads_to_stickiness_and_lifecycle_of_the_returning_event(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, query=RETENTION)
    found = (await api.get(f"{INSIGHTS}{made['id']}/suggestions/")).json()
    sources = [suggestion["targetQuery"]["source"] for suggestion in found]
    assert [(source["kind"], source["series"][0]["event"]) for source in sources] == [
        ("StickinessQuery", "opened"),
        ("LifecycleQuery", "opened"),
    ]


async def test_suggestions_for_sql_are_none(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, query=SQL)
    assert (await api.get(f"{INSIGHTS}{made['id']}/suggestions/")).json() == []


async def test_model_adds_suggestions_and_what_cannot_be_run_is_dropped(
    clever: httpx.AsyncClient, model: Model
) -> None:
    made = await make_insight(clever, query=RETENTION)
    model.says = (
        'Here: [{"title": "Ok", "description": "d", "targetQuery":'
        ' {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": []}}},'
        ' {"title": "Bad", "targetQuery": {"kind": "InsightVizNode", "source": {"kind": "Nope"}}}, 7]'
    )
    found = (await clever.get(f"{INSIGHTS}{made['id']}/suggestions/")).json()
    assert [suggestion["title"] for suggestion in found][2:] == ["Ok"]
    model.says = "[not json"
    assert len((await clever.get(f"{INSIGHTS}{made['id']}/suggestions/")).json()) == 2


async def test_metadata_is_cut_to_the_limits_and_saves_nothing(clever: httpx.AsyncClient, model: Model) -> None:
    model.name, model.description = "n" * 150, "d" * 300
    answer = await clever.post(METADATA, json={"query": VIZ})
    assert answer.status_code == 200
    assert answer.json() == {"name": "n" * 97 + "...", "description": "d" * 197 + "..."}
    assert (await clever.get(INSIGHTS)).json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        ({}, "invalid_input", "Missing 'query' field in request body"),
        ({"query": SQL}, "invalid_input", "Invalid query format"),
        ({"query": TRENDS}, "invalid_input", "Invalid query format"),
        ({"query": {"kind": "Nope"}}, "parse_error", None),
        ({"query": "SELECT 1"}, "parse_error", None),
    ],
)
async def test_metadata_refuses_what_is_no_chart(
    clever: httpx.AsyncClient, body: object, code: str, detail: str | None
) -> None:
    answer = await clever.post(METADATA, json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert detail is None or answer.json()["detail"] == detail


async def test_metadata_that_fails_is_a_500_in_the_envelope(
    clever: httpx.AsyncClient, api: httpx.AsyncClient, model: Model
) -> None:
    model.failure = NamingFailed("timed out")
    for client in (clever, api):
        answer = await client.post(METADATA, json={"query": VIZ})
        assert answer.status_code == 500
        assert answer.json() == {
            "type": "server_error",
            "code": "error",
            "detail": "Failed to generate insight metadata. Please try again.",
            "attr": None,
        }


async def test_timing_is_taken_and_forgotten(api: httpx.AsyncClient) -> None:
    assert (await api.post(f"{INSIGHTS}timing/", json={})).status_code == 201


async def test_bulk_switch_sets_the_test_account_filter_of_every_chart(api: httpx.AsyncClient) -> None:
    chart, table = await make_insight(api), await make_insight(api, query=SQL)
    answer = await api.post(f"{INSIGHTS}bulk_set_test_account_filter/", json={"enabled": True})
    assert answer.json() == {"updated": 1}
    assert (await api.get(f"{INSIGHTS}{chart['id']}/")).json()["query"]["source"]["filterTestAccounts"] is True
    assert (await api.get(f"{INSIGHTS}{table['id']}/")).json()["query"] == SQL
    missing = await api.post(f"{INSIGHTS}bulk_set_test_account_filter/", json={})
    assert missing.json()["attr"] == "enabled"


@pytest.mark.parametrize("action", ["analyze", "suggestions"])
async def test_actions_on_unknown_insights_are_404(api: httpx.AsyncClient, action: str) -> None:
    assert (await api.get(f"{INSIGHTS}999/{action}/")).status_code == 404
