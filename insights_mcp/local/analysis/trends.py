"""What a trend says: direction, extremes, the steepest step, who makes it up."""

from collections.abc import Sequence

from insights_mcp.local.analysis.findings import Findings, Row, change, label_of, number, numbers, percent, show

STEADY = 0.05
STEEP = 0.3


def read_trends(source: Row, results: Sequence[Row]) -> Findings | None:
    """Return what trends show; None when there is nothing to say."""
    current = [row for row in results if row.get("compare_label") != "previous"]
    if not current:
        return None
    if all("aggregated_value" in row for row in current):
        return _read_totals(current, results)
    main = max(current, key=lambda row: sum(numbers(row.get("data"))))
    data = numbers(main.get("data"))
    if not any(data):
        return Findings(
            f"{label_of(main)} did not happen in this period.",
            [f"All {len(data)} intervals are at zero."],
            "Check the event's name and the filters, or choose a longer period.",
        )
    interval = str(source.get("interval") or "day")
    finished = data[:-1] if len(data) > 3 and not _has_end(source) else data  # the last one is still running
    points = [
        f"{show(sum(data))} in total, {show(sum(data) / len(data))} per {interval} on average, most on"
        f" {_moment(main, data.index(max(data)))} ({show(max(data))})."
    ]
    step = _steepest(finished)
    if step is not None:
        before, after = finished[step - 1], finished[step]
        points.append(
            f"The largest step is {change(before, after)}, from {show(before)} on {_moment(main, step - 1)}"
            f" to {show(after)} on {_moment(main, step)}."
        )
    points += _comparison(main, results) or _shares(current)
    return Findings(_headline(main, finished, interval), points, _recommend(source, main, finished, step))


def _headline(main: Row, data: Sequence[float], interval: str) -> str:
    half = len(data) // 2
    if half == 0:
        return f"{label_of(main)} came to {show(sum(data))}."
    early, late = sum(data[:half]) / half, sum(data[-half:]) / half
    if early and abs(late - early) / early < STEADY:
        return f"{label_of(main)} held steady at about {show(late)} per {interval}."
    verb = "rose" if late > early else "fell"
    return (
        f"{label_of(main)} {verb} over the period: {show(early)} per {interval} in its first half,"
        f" {show(late)} in its second ({change(early, late)})."
    )


def _steepest(data: Sequence[float]) -> int | None:
    steps = [index for index in range(1, len(data)) if data[index - 1] != data[index]]
    return max(steps, key=lambda index: abs(data[index] - data[index - 1])) if steps else None


def _comparison(main: Row, results: Sequence[Row]) -> list[str]:
    for row in results:
        if row.get("compare_label") == "previous" and row.get("order") == main.get("order"):
            same_value = row.get("breakdown_value") == main.get("breakdown_value")
            before, after = sum(numbers(row.get("data"))), sum(numbers(main.get("data")))
            if same_value:
                return [
                    f"Against the previous period: {show(after)} now, {show(before)} then ({change(before, after)})."
                ]
    return []


def _shares(current: Sequence[Row]) -> list[str]:
    totals = sorted(((sum(numbers(row.get("data"))), label_of(row)) for row in current), reverse=True)
    whole = sum(total for total, _ in totals)
    if len(totals) < 2 or not whole:
        return []
    named = ", ".join(f"{label} {percent(total, whole)}" for total, label in totals[:3])
    return [f"Of {len(totals)} series the largest are {named}."]


def _read_totals(current: Sequence[Row], results: Sequence[Row]) -> Findings:
    ranked = sorted(current, key=lambda row: number(row.get("aggregated_value")), reverse=True)
    whole = sum(number(row.get("aggregated_value")) for row in ranked)
    first = number(ranked[0].get("aggregated_value"))
    points = [
        f"{label_of(row)}: {show(number(row.get('aggregated_value')))}"
        f" ({percent(number(row.get('aggregated_value')), whole)})."
        for row in ranked[:3]
    ]
    previous = [row for row in results if row.get("compare_label") == "previous"]
    if previous:
        before = sum(number(row.get("aggregated_value")) for row in previous)
        points.insert(
            0, f"Against the previous period: {show(whole)} now, {show(before)} then ({change(before, whole)})."
        )
    if len(ranked) == 1:
        return Findings(
            f"{label_of(ranked[0])} came to {show(first)}.", points, "Show it over time to see its direction."
        )
    headline = f"{label_of(ranked[0])} leads with {show(first)}, {percent(first, whole)} of {show(whole)} altogether."
    return Findings(headline, points, f"Show {label_of(ranked[0])} over time to see whether its lead grows.")


def _recommend(source: Row, main: Row, data: Sequence[float], step: int | None) -> str:
    broken_down = bool(source.get("breakdownFilter"))
    if step is not None and abs(data[step] - data[step - 1]) > STEEP * max(data):
        if broken_down:
            return f"Filter to {label_of(main)} and look at the hours around {_moment(main, step)}."
        return (
            f"Break it down by device, plan or country around {_moment(main, step)} to see who the change comes from."
        )
    if broken_down:
        return f"Follow {label_of(main)}, the largest part, through a funnel or retention."
    return "Break it down by a property of the event or the person to see what it is made of."


def _has_end(source: Row) -> bool:
    dates = source.get("dateRange")
    return bool(dates.get("date_to")) if hasattr(dates, "get") else False


def _moment(row: Row, index: int) -> str:
    for key in ("labels", "days"):
        names = row.get(key)
        if isinstance(names, list) and index < len(names):
            return str(names[index])
    return f"interval {index + 1}"
