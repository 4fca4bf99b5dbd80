"""What answers may cost, in o200k tokens: a ceiling for each text that is held as product copy."""

import pytest

from tests.snapshots import FOLDER
from tests.tokens import count_tokens

# Ten typical situations and what goes with them, in the small web shop.
SITUATIONS = {
    "list-all": 170,
    "list-by-search": 100,
    "get-a-trend": 150,
    "run-a-trend": 105,
    "run-a-saved-funnel": 70,
    "run-sql": 20,
    "schema-of-events": 70,
    "schema-of-one-event": 30,
    "a-dashboard": 90,
    "dashboards": 50,
    "history-of-the-project": 140,
    "create-a-trend": 85,
    "create-a-dashboard": 140,
    "update-a-query": 120,
    "update-dashboards": 60,
    "delete": 60,
    "undo-an-update": 40,
    "name-a-saved-insight-and-save": 110,
    "share": 40,
}
# Results as they are told: every snapshot of them has a ceiling here.
RESULTS = {
    "SQL-by-day": 140,
    "SQL-of-times-and-nested-values": 170,
    "a-SQL-nothing": 5,
    "a-SQL-number": 8,
    "a-SQL-table": 50,
    "a-bold-number": 12,
    "a-calendar": 460,
    "a-cumulative-trend": 85,
    "a-formula-in-per-cent": 115,
    "a-funnel": 105,
    "a-funnel-beside-the-period-before": 150,
    "a-funnel-by-browser": 80,
    "a-funnel-by-channel-beside-the-period-before": 165,
    "a-funnel-nobody-entered": 12,
    "a-funnel-over-time": 110,
    "a-funnel-with-an-optional-step": 115,
    "a-lifecycle": 155,
    "a-month-of-three-series": 480,
    "a-pie": 25,
    "a-pie-beside-the-period-before": 80,
    "a-running-funnel-over-time-beside-the-period-before": 140,
    "a-running-trend-beside-the-period-before": 175,
    "a-trend-beside-the-period-before": 145,
    "a-trend-by-hostile-breakdown-values": 330,
    "a-trend-by-hour": 350,
    "a-trend-by-month-over-two-years": 95,
    "a-trend-by-week-whose-ends-are-partial": 115,
    "a-trend-by-week-whose-last-week-is-cut-off": 105,
    "a-trend-of-nothing": 30,
    "a-trend-up-to-now": 110,
    "an-object-of-a-foreign-kind": 25,
    "boxes": 145,
    "correlation": 60,
    "correlation-of-properties": 120,
    "cumulative-stickiness": 65,
    "events-with-everything": 115,
    "objects-of-a-foreign-kind": 45,
    "one-event-counted-two-ways": 160,
    "paths": 65,
    "people-who-dropped-out": 95,
    "retention-by-day": 135,
    "retention-in-brackets": 120,
    "retention-of-sums-by-plan": 155,
    "revenue-by-plan": 175,
    "stickiness": 60,
    "stickiness-beside-the-period-before": 110,
    "the-time-to-convert": 60,
    "the-time-to-convert-beside-the-period-before": 100,
    "twenty-values-by-day": 510,
}


@pytest.mark.parametrize(("name", "most"), SITUATIONS.items())
def test_typical_answer_stays_below_its_ceiling(name: str, most: int) -> None:
    assert count_tokens((FOLDER / "answers" / f"{name}.txt").read_text(encoding="utf-8")) <= most


@pytest.mark.parametrize(("name", "most"), RESULTS.items())
def test_result_stays_below_its_ceiling(name: str, most: int) -> None:
    assert count_tokens((FOLDER / "results" / f"{name}.txt").read_text(encoding="utf-8")) <= most


def test_every_result_has_a_ceiling() -> None:
    assert {path.stem for path in (FOLDER / "results").glob("*.txt")} == set(RESULTS)
