import json
from pathlib import Path

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from tests.events.conftest import Reader

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer phx_of_these_tests"}
ADDRESS = "/api/projects/1/_local/imports/"


async def ask(http: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await http.post(ADDRESS, json=body, headers=KEY)


async def test_import_is_told_line_by_line_and_ends_with_its_totals(
    http: httpx.AsyncClient, reader: Reader, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    file.write_text("what,time,user_id\na,2026-10-01,ann\nb,2026-10-02T08:00:00Z,ann\nc,,ann\n")
    answer = await ask(http, path=str(file), event_column="what", timezone=None)
    assert answer.headers["content-type"] == "application/x-ndjson"
    *steps, last = [json.loads(line) for line in answer.text.splitlines()]
    assert {step["type"] for step in steps} == {"progress"}
    assert (last["type"], last["rows"], last["added"], last["rejected"]) == ("done", 3, 2, 1)
    assert (last["first"], last["last"]) == ("2026-10-01T00:00:00Z", "2026-10-02T08:00:00Z")
    assert (last["persons_added"], last["events"]) == (1, {"a": 1, "b": 1})
    assert len(reader.events()) == 2


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "path"),
        ({"path": "relative.csv"}, "path"),
        ({"path": "/no/such/file.csv"}, "path"),
        ({"path": "/etc", "speed": "fast"}, "speed"),
        ({"path": "/etc", "timezone": 3}, "timezone"),
    ],
)
async def test_import_that_cannot_start_answers_the_envelope(
    http: httpx.AsyncClient, body: dict[str, object], attr: str
) -> None:
    answer = await ask(http, **body)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)


async def test_another_machine_cannot_import_files_of_this_one(backend: Backend, tmp_path: Path) -> None:
    app = create_app(backend, api_key="phx_of_these_tests")
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as far:
        assert (await ask(far, path=str(tmp_path / "events.csv"))).status_code == 403


async def test_import_needs_the_key(http: httpx.AsyncClient) -> None:
    assert (await http.post(ADDRESS, json={"path": "/etc/passwd"})).status_code == 401
