"""Print the page and a payload per result as JSON: the answers the renderers are tested with, and rarer ones."""

import json
import math
import sys

from insights_mcp.render.figures import draw_figure
from insights_mcp.render.reports import Result
from insights_mcp.server.views.page import load_page
from insights_mcp.server.views.payload import view_data
from tests.render.answers import ANSWERS, CLOSED, DAYS, MONTH, line, total


def trend(display: str, rows: list[dict[str, object]], **settings: object) -> Result:
    query = {"kind": "TrendsQuery", "dateRange": CLOSED, "trendsFilter": {"display": display, **settings}}
    return Result(query, rows)


def waves(count: int, days: list[str]) -> list[dict[str, object]]:
    return [
        line(f"channel {n}", [round(50 + 40 * math.sin(day / 4 + n)) for day in range(len(days))], days=days, order=n)
        for n in range(count)
    ]


HOURS = [f"2026-10-{1 + hour // 24:02} {hour % 24:02}:00:00" for hour in range(700)]
CALENDAR = [
    {"row": row, "column": hour, "value": round(100 * abs(math.sin(row + hour / 5)))}
    for row in range(7)
    for hour in range(24)
]
SPREAD = [
    {"day": day, "min": n, "p25": n + 5, "median": n + 9, "p75": n + 15, "max": n + 30, "mean": n + 11}
    for n, day in enumerate(DAYS)
]
LONG = "A page with a name that is much too long to be shown beside its bar in any window of a chat"
RARE = {
    "boxes": trend("BoxPlot", SPREAD),
    "a calendar": trend("CalendarHeatmap", [{"calendar_heatmap_data": {"data": CALENDAR}}]),
    "shares": trend("ActionsAreaGraph", waves(4, MONTH), showPercentStackView=True),
    "a log axis": trend("ActionsLineGraph", [line("a", [1, 10, 2000, 40, 90000])], yAxisScaleType="log10"),
    "ten series": trend("ActionsLineGraph", waves(10, MONTH)),
    "hours": trend("ActionsLineGraph", waves(2, HOURS)),
    "stacked hours": trend("ActionsBar", waves(3, HOURS)),
    "one point": trend("ActionsLineGraph", [line("a", [7], days=DAYS[:1])]),
    "long names": trend(
        "ActionsBarValue", [total(f"{LONG} {n}", 5000 / (n + 1), breakdown_value=f"{LONG} {n}") for n in range(25)]
    ),
    "below zero": trend("ActionsUnstackedBar", [line("profit", [5, -3, 8, -6, 2]), line("cash", [-1, 2, -4, 3, -2])]),
    "a metric": trend("Metric", [line("signed up", [5, 9, 4, 12, 8])]),
    "seconds": trend("ActionsLineGraph", [line("wait", [40, 95, 3700, 600, 30])], aggregationAxisFormat="duration"),
}

if __name__ == "__main__":
    results = {answer.title: answer.result for answer in ANSWERS} | RARE
    figures = {title: draw_figure(result, title) for title, result in results.items()}
    payloads = {title: view_data(figure) for title, figure in figures.items() if figure}
    json.dump({"page": load_page(), "payloads": payloads}, sys.stdout)
