"""The one error body of every endpoint."""

from pathlib import Path

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.keys import create_key
from insights_mcp.local.store.users import first_user
from tests.backend.canned import KEY, CannedQueries, NoEngine, NoIntake
from tests.backend.samples import INSIGHTS, VIZ, make_insight

pytestmark = pytest.mark.anyio

ME = "/api/users/@me/"


def problem(type_: str, code: str, detail: str, attr: str | None = None) -> dict[str, object]:
    return {"type": type_, "code": code, "detail": detail, "attr": attr}


def new_key(store: Store, *scopes: str, **restrictions: list[int] | list[str]) -> dict[str, str]:
    with store.write() as db:
        value = create_key(db, first_user(db).id, scopes=scopes, now=store.clock(), **restrictions)  # type: ignore[arg-type]
    return {"Authorization": f"Bearer {value}"}


async def test_unknown_path_is_404_endpoint_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/projects/1/nonsense/")
    assert answer.status_code == 404
    assert answer.json() == problem("invalid_request", "not_found", "Endpoint not found.")


async def test_unknown_method_is_405_in_the_envelope(api: httpx.AsyncClient) -> None:
    answer = await api.delete(ME)
    assert answer.status_code == 405
    assert answer.json() == problem("invalid_request", "method_not_allowed", 'Method "DELETE" not allowed.')


async def test_missing_key_is_401_with_where_to_authenticate(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get(ME)
    assert answer.status_code == 401
    assert answer.json() == problem(
        "authentication_error", "not_authenticated", "Authentication credentials were not provided."
    )
    expected = 'Bearer resource_metadata="http://testserver/.well-known/oauth-protected-resource"'
    assert answer.headers["www-authenticate"] == expected


@pytest.mark.parametrize("key", ["phx_unknown", "phc_project_token", "x"])
async def test_unknown_key_is_authentication_failed_naming_the_header(anonymous: httpx.AsyncClient, key: str) -> None:
    answer = await anonymous.get(ME, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert answer.json() == problem(
        "authentication_error",
        "authentication_failed",
        "Personal API key found in request Authorization header is invalid.",
    )


async def test_key_in_query_string_is_accepted_and_a_wrong_one_named(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(ME, params={"personal_api_key": KEY})).status_code == 200
    wrong = await anonymous.get(ME, params={"personal_api_key": "phx_wrong"})
    assert wrong.json()["detail"] == "Personal API key found in request query string is invalid."


async def test_key_in_body_is_accepted_and_a_wrong_one_named(anonymous: httpx.AsyncClient) -> None:
    right = await anonymous.patch("/api/projects/1/", json={"personal_api_key": KEY})
    assert right.status_code == 200
    wrong = await anonymous.patch("/api/projects/1/", json={"personal_api_key": "phx_wrong"})
    assert wrong.json()["detail"] == "Personal API key found in request body is invalid."


async def test_missing_scope_is_403_naming_it(anonymous: httpx.AsyncClient, store: Store) -> None:
    answer = await anonymous.get(ME, headers=new_key(store, "insight:read"))
    assert answer.status_code == 403
    assert answer.json() == problem(
        "authentication_error", "permission_denied", "API key missing required scope 'user:read'"
    )


async def test_write_scope_includes_read(anonymous: httpx.AsyncClient, store: Store) -> None:
    headers = new_key(store, "project:write")
    assert (await anonymous.get("/api/projects/1/", headers=headers)).status_code == 200


async def test_key_of_other_project_is_refused_but_may_ask_who_it_is(
    anonymous: httpx.AsyncClient, store: Store
) -> None:
    headers = new_key(store, "*", scoped_projects=[2])
    answer = await anonymous.get("/api/projects/1/", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "API key does not have access to the requested project: ID 1."
    assert (await anonymous.get(ME, headers=headers)).status_code == 200


async def test_key_of_a_project_is_refused_by_organization_endpoints(
    anonymous: httpx.AsyncClient, store: Store
) -> None:
    answer = await anonymous.get("/api/organizations/@current/", headers=new_key(store, "*", scoped_projects=[1]))
    assert answer.json()["detail"] == ("API keys with scoped projects are only supported on project-based endpoints.")


async def test_unknown_project_is_404_project_not_found(api: httpx.AsyncClient) -> None:
    for project in ("99", "abc", "9" * 30):
        answer = await api.get(f"/api/projects/{project}/")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "Project not found."


@pytest.mark.parametrize("body", [b"{", b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xff\xfe", b"[" * 200_000])
async def test_malformed_json_is_a_parse_error(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.patch("/api/projects/1/", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_request"
    assert answer.json()["code"] == "parse_error"
    assert answer.json()["detail"].startswith("JSON parse error - ")


async def test_form_body_is_415(api: httpx.AsyncClient) -> None:
    answer = await api.patch("/api/projects/1/", data={"name": "x"})
    assert answer.status_code == 415
    assert answer.json() == problem(
        "invalid_request",
        "unsupported_media_type",
        'Unsupported media type "application/x-www-form-urlencoded" in request.',
    )


async def test_body_over_twenty_megabytes_is_413(api: httpx.AsyncClient) -> None:
    answer = await api.patch("/api/projects/1/", content=b" " * (20 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert set(answer.json()) == {"type", "code", "detail", "attr"}


async def test_body_that_is_a_list_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.patch("/api/projects/1/", json=[1])
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Invalid data. Expected a dictionary, but got list."


async def test_field_error_names_the_field(api: httpx.AsyncClient) -> None:
    answer = await api.patch("/api/projects/1/", json={"timezone": "Moon/Base"})
    assert answer.json() == problem(
        "validation_error", "invalid_choice", '"Moon/Base" is not a valid choice.', attr="timezone"
    )


async def test_environments_prefix_serves_the_same_with_deprecation_headers(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/environments/1/?x=1")
    assert answer.status_code == 200
    assert answer.json()["id"] == 1
    assert answer.headers["deprecation"] == "true"
    assert answer.headers["link"] == '</api/projects/1/?x=1>; rel="successor-version"'
    assert answer.headers["sunset"] == "Fri, 31 Jul 2026 00:00:00 GMT"


async def test_unknown_environments_path_gets_no_deprecation_headers(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/environments/1/nonsense/")
    assert answer.status_code == 404
    assert "deprecation" not in answer.headers


async def test_trailing_slash_is_optional(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/projects/1")).json() == (await api.get("/api/projects/1/")).json()


async def test_crash_of_ours_is_a_500_without_its_details(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    made = await make_insight(api)
    queries.problem = RuntimeError("a secret")  # type: ignore[assignment]  # what no query service should raise
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})
    assert answer.status_code == 500
    assert answer.json() == problem("server_error", "error", "A server error occurred.")


async def test_locked_database_is_503_and_asks_to_come_again(tmp_path: Path, queries: CannedQueries) -> None:
    patient = Store.open(tmp_path / "store.db")
    hasty = Store.open(tmp_path / "store.db", busy_seconds=0.05)
    backend = Backend(hasty, NoEngine(), queries, NoIntake(), tmp_path)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as api:
        with patient.write():
            answer = await api.post(INSIGHTS, json={"query": VIZ}, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json() == problem(
        "server_error",
        "database_unavailable",
        "We couldn't reach the database just now. Please try again in a moment.",
    )
    hasty.close()
    patient.close()


async def test_old_address_of_insights_still_works(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="x")
    assert (await api.get(f"/api/dashboard_item/{made['id']}")).json()["name"] == "x"
    assert (await api.get("/api/dashboard_item/")).json()["count"] == 1


async def test_head_is_answered_like_get(api: httpx.AsyncClient) -> None:
    assert (await api.head(ME)).status_code == 200
