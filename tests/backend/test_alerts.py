"""Alerts and thresholds (facts/rest-api.md 10)."""

from typing import Any

import httpx
import pytest

from tests.backend.samples import FUNNEL, INSIGHTS, make_insight

pytestmark = pytest.mark.anyio

ALERTS = "/api/projects/1/alerts/"
THRESHOLD = {"name": "low", "configuration": {"type": "absolute", "bounds": {"lower": 5}}}


async def make_alert(api: httpx.AsyncClient, insight: dict[str, Any], **fields: object) -> dict[str, Any]:
    answer = await api.post(ALERTS, json={"insight": insight["id"], "name": "Too few", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_alert_is_kept_with_its_threshold_and_shown_in_its_insight(api: httpx.AsyncClient) -> None:
    insight = await make_insight(api, name="x")
    alert = await make_alert(
        api,
        insight,
        threshold=THRESHOLD,
        condition={"type": "absolute_value"},
        config={"type": "TrendsAlertConfig", "series_index": 0},
        subscribed_users=[1],
        calculation_interval="hourly",
    )
    assert alert["state"] == "Not firing"
    assert alert["enabled"] is True
    assert alert["insight"]["id"] == insight["id"]
    assert "result" not in alert["insight"]
    assert alert["threshold"]["configuration"] == THRESHOLD["configuration"]
    assert [user["email"] for user in alert["subscribed_users"]] == ["you@localhost"]
    shown = (await api.get(f"{INSIGHTS}{insight['id']}/")).json()["alerts"]
    assert [each["id"] for each in shown] == [alert["id"]]
    retrieved = (await api.get(f"{ALERTS}{alert['id']}/")).json()
    assert retrieved == {**shown[0], "checks_total": 0}


async def test_alerts_are_listed_newest_first_and_by_insight(api: httpx.AsyncClient) -> None:
    one, two = await make_insight(api), await make_insight(api)
    await make_alert(api, one, name="a")
    await make_alert(api, two, name="b")

    async def listed(**params: str) -> list[str]:
        return [alert["name"] for alert in (await api.get(ALERTS, params=params)).json()["results"]]

    assert await listed() == ["b", "a"]
    assert await listed(insight_id=str(one["id"])) == ["a"]
    assert await listed(insight=str(two["id"])) == ["b"]


async def test_alert_is_changed_and_deleted(api: httpx.AsyncClient) -> None:
    insight = await make_insight(api)
    alert = await make_alert(api, insight, threshold=THRESHOLD)
    changed = await api.patch(
        f"{ALERTS}{alert['id']}/",
        json={"enabled": False, "threshold": {"configuration": {"type": "percentage", "bounds": {"upper": 1}}}},
    )
    assert changed.json()["enabled"] is False
    assert changed.json()["threshold"]["id"] == alert["threshold"]["id"]
    assert changed.json()["threshold"]["configuration"]["type"] == "percentage"
    assert (await api.delete(f"{ALERTS}{alert['id']}/")).status_code == 204
    assert (await api.get(f"{ALERTS}{alert['id']}/")).status_code == 404
    assert (await api.get(f"{INSIGHTS}{insight['id']}/thresholds/")).json()["count"] == 0


async def test_thresholds_of_an_insight_name_their_alerts(api: httpx.AsyncClient) -> None:
    insight = await make_insight(api)
    alert = await make_alert(api, insight, threshold=THRESHOLD)
    listed = (await api.get(f"{INSIGHTS}{insight['id']}/thresholds/")).json()
    assert (listed["count"], listed["next"], listed["previous"]) == (1, None, None)
    (threshold,) = listed["results"]
    assert set(threshold) == {"id", "created_at", "name", "configuration", "alerts"}
    assert [each["id"] for each in threshold["alerts"]] == [alert["id"]]
    one = await api.get(f"{INSIGHTS}{insight['id']}/thresholds/{threshold['id']}/")
    assert one.json() == threshold
    for unknown in ("x", "00000000-0000-0000-0000-000000000000"):
        assert (await api.get(f"{INSIGHTS}{insight['id']}/thresholds/{unknown}/")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"insight": 999}, "insight"),
        ({"insight": "x"}, "insight"),
        ({"calculation_interval": "yearly"}, "calculation_interval"),
        ({"condition": {"type": "x"}}, "type"),
        ({"subscribed_users": [99]}, "subscribed_users"),
        ({"threshold": {"configuration": {"type": "absolute", "bounds": {"lower": 2, "upper": 1}}}}, "threshold"),
    ],
)
async def test_wrong_alerts_are_refused_and_nothing_is_kept(
    api: httpx.AsyncClient, fields: dict[str, object], attr: str
) -> None:
    insight = await make_insight(api)
    answer = await api.post(ALERTS, json={"insight": insight["id"], **fields})
    assert answer.status_code == 400
    assert answer.json()["attr"] == attr
    assert (await api.get(ALERTS)).json()["count"] == 0


async def test_only_trends_carry_alerts(api: httpx.AsyncClient) -> None:
    funnel = await make_insight(api, query=FUNNEL)
    answer = await api.post(ALERTS, json={"insight": funnel["id"]})
    assert answer.status_code == 400
    assert answer.json()["attr"] == "insight"
