"""What a funnel says: how many get through, where most are lost, how long it takes."""

from collections.abc import Sequence

from insights_mcp.local.analysis.findings import Findings, Row, duration, label_of, number, numbers, percent, rows, show


def read_funnel(results: object) -> Findings | None:
    """Return what a funnel shows, in any of its three forms; None when there is nothing to say."""
    if isinstance(results, dict) and "bins" in results:
        return _read_times(results)
    if isinstance(results, list) and results and isinstance(results[0], list):
        return _read_breakdown([rows(steps) for steps in results])
    steps = rows(results)
    if not steps:
        return None
    if "count" in steps[0] and "order" in steps[0]:
        return _read_steps(steps)
    return _read_rates(steps)


def _read_steps(steps: Sequence[Row]) -> Findings | None:
    counts = [number(step.get("count")) for step in steps]
    if not counts[0]:
        return Findings(
            f"Nobody did the first step, {label_of(steps[0])}.",
            ["All steps are at zero."],
            "Check the event's name and the filters, or choose a longer period.",
        )
    headline = (
        f"{percent(counts[-1], counts[0])} of those who did {label_of(steps[0])} went on to {label_of(steps[-1])}:"
        f" {show(counts[-1])} of {show(counts[0])}."
    )
    points = []
    worst = _worst(counts)
    if worst is not None:
        lost = counts[worst - 1] - counts[worst]
        points.append(
            f"Most are lost between {label_of(steps[worst - 1])} and {label_of(steps[worst])}: {show(lost)}, or"
            f" {percent(lost, counts[worst - 1])} of those who came that far."
        )
    for step in steps[1:]:
        median = step.get("median_conversion_time")
        if isinstance(median, int | float):
            points.append(f"Half of those who reach {label_of(step)} take less than {duration(float(median))} to it.")
    if worst is None:
        return Findings(headline, points or ["No step loses anybody."], "Add a later step to find where people stop.")
    name = label_of(steps[worst])
    return Findings(headline, points, f"Break the funnel down by device or plan to see who does not reach {name}.")


def _worst(counts: Sequence[float]) -> int | None:
    losses = [index for index in range(1, len(counts)) if counts[index] < counts[index - 1]]
    return max(losses, key=lambda index: counts[index - 1] - counts[index]) if losses else None


def _read_breakdown(groups: Sequence[Sequence[Row]]) -> Findings | None:
    rated = []
    for steps in groups:
        counts = [number(step.get("count")) for step in steps]
        if counts and counts[0]:
            value = steps[0].get("breakdown_value")
            name = " :: ".join(map(str, value)) if isinstance(value, list) else str(value)
            rated.append((counts[-1] / counts[0], counts[0], name[:80] or "(none)"))
    if not rated:
        return None
    entered = sum(count for _, count, _ in rated)
    through = sum(rate * count for rate, count, _ in rated)
    best, worst = max(rated), min(rated)
    largest = max(rated, key=lambda group: group[1])
    points = [
        f"Best: {best[2]} with {best[0]:.0%} of {show(best[1])}.",
        f"Worst: {worst[2]} with {worst[0]:.0%} of {show(worst[1])}.",
        f"Largest: {largest[2]} with {percent(largest[1], entered)} of all who start.",
    ]
    headline = f"{percent(through, entered)} get through the funnel, from {worst[0]:.0%} to {best[0]:.0%} by group."
    return Findings(headline, points, f"Look at what {worst[2]} meets on the way that {best[2]} does not.")


def _read_rates(series: Sequence[Row]) -> Findings | None:
    rates = numbers(series[0].get("data"))
    if not rates:
        return None
    days = series[0].get("days")
    names = days if isinstance(days, list) else list(range(1, len(rates) + 1))
    best, worst = rates.index(max(rates)), rates.index(min(rates))
    points = [
        f"Highest: {show(rates[best])}% for {names[best]}.",
        f"Lowest: {show(rates[worst])}% for {names[worst]}.",
    ]
    headline = f"Conversion averages {show(round(sum(rates) / len(rates), 1))}%, last {show(rates[-1])}%."
    return Findings(headline, points, f"Look at what changed around {names[worst]}.")


def _read_times(results: Row) -> Findings | None:
    pairs = results.get("bins")
    bins = [numbers(pair) for pair in pairs] if isinstance(pairs, list) else []
    counted = [(pair[1], pair[0]) for pair in bins if len(pair) == 2]
    total = sum(count for count, _ in counted)
    if not total:
        return None
    count, start = max(counted)
    average = number(results.get("average_conversion_time"))
    points = [f"{show(total)} converted.", f"Most often it takes about {duration(start)}: {percent(count, total)}."]
    return Findings(
        f"Converting takes {duration(average)} on average.", points, "Compare those who take longest with the others."
    )
