"""What retention, stickiness, lifecycle and paths say."""

from collections.abc import Sequence

from insights_mcp.local.analysis.findings import Findings, Row, label_of, number, numbers, percent, rows, show


def read_retention(source: Row, results: Sequence[Row]) -> Findings | None:
    """Return how many come back."""
    settings = source.get("retentionFilter")
    period = str(settings.get("period") or "Day") if hasattr(settings, "get") else "Day"
    cohorts = [[number(cell.get("count")) for cell in rows(row.get("values"))] for row in results]
    # The newest cohort has had no time to come back.
    aged = [(cells, row) for cells, row in zip(cohorts, results, strict=True) if len(cells) > 1 and cells[0]][:-1]
    started = sum(cells[0] for cells, _ in aged)
    if not started:
        return None
    returned = sum(cells[1] for cells, _ in aged)
    rated = sorted(((cells[1] / cells[0], str(row.get("date") or row.get("label"))[:10]) for cells, row in aged))
    points = [
        f"{show(started)} started in {len(aged)} cohorts, {show(returned)} came back after one {period.lower()}.",
        f"Best cohort: {rated[-1][1]} with {rated[-1][0]:.0%}; worst: {rated[0][1]} with {rated[0][0]:.0%}.",
    ]
    headline = f"{percent(returned, started)} come back one {period.lower()} after they start."
    advice = "Look for what the best cohort did in its first days, as a funnel or as a breakdown of this retention."
    return Findings(headline, points, advice)


def read_stickiness(results: Sequence[Row]) -> Findings | None:
    """Return how often people use it."""
    main = next((row for row in results if row.get("compare_label") != "previous"), None)
    data = numbers(main.get("data")) if main else []
    total = sum(data)
    if main is None or not total:
        return None
    labels = main.get("labels")
    names = [str(name) for name in labels] if isinstance(labels, list) else [f"{day + 1}" for day in range(len(data))]
    often = sum(data[len(data) // 2 :])
    average = sum((index + 1) * count for index, count in enumerate(data)) / total
    points = [
        f"{percent(data[0], total)} did so in one interval only.",
        f"{percent(often, total)} did so in more than half of the intervals.",
        f"The average is {show(round(average, 1))} of {len(data)} intervals.",
    ]
    headline = f"{show(total)} did {label_of(main)}, most of them on {names[data.index(max(data))]}."
    return Findings(headline, points, "Compare those who come often with those who came once, by plan or first action.")


def read_lifecycle(results: Sequence[Row]) -> Findings | None:
    """Return whether more people come than leave."""
    totals = {str(row.get("status")): sum(numbers(row.get("data"))) for row in results}
    gained = totals.get("new", 0) + totals.get("resurrecting", 0)
    lost = -totals.get("dormant", 0)
    if not any(totals.values()):
        return None
    verb = (
        "more came than left" if gained > lost else "more left than came" if lost > gained else "as many came as left"
    )
    points = [
        f"New: {show(totals.get('new', 0))}, resurrecting: {show(totals.get('resurrecting', 0))}.",
        f"Returning: {show(totals.get('returning', 0))}.",
        f"Gone dormant: {show(lost)}.",
    ]
    headline = f"Over the period {verb}: {show(gained)} against {show(lost)}."
    return Findings(headline, points, "Look at the retention of the new ones to see whether they stay.")


def read_paths(results: Sequence[Row]) -> Findings | None:
    """Return the roads most taken."""
    edges = sorted(results, key=lambda row: number(row.get("value")), reverse=True)
    if not edges:
        return None
    points = [f"{_edge(edge)}: {show(number(edge.get('value')))} times." for edge in edges[:3]]
    starts: dict[str, float] = {}
    for edge in edges:
        if str(edge.get("source")).startswith("1_"):
            name = str(edge.get("source"))[2:82]
            starts[name] = starts.get(name, 0) + number(edge.get("value"))
    first = max(starts, key=lambda name: starts[name]) if starts else _edge(edges[0])
    headline = f"Most paths begin at {first}, and the commonest step is {_edge(edges[0])}."
    return Findings(headline, points, "Turn the commonest path into a funnel to see how many finish it.")


def _edge(edge: Row) -> str:
    names = [str(edge.get(end)).partition("_")[2][:60] for end in ("source", "target")]
    return " to ".join(names)
