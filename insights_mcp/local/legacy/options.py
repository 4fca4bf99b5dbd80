"""What is particular to each kind of insight: its filters as the options of its query."""

from collections.abc import Callable, Mapping
from typing import get_args

from insights_mcp.local.legacy.entities import read_exclusions, read_retention_entity
from insights_mcp.local.legacy.values import (
    Filters,
    given,
    read_flag,
    read_integer,
    read_json,
    read_number,
    read_objects,
    read_text,
    read_texts,
)
from insights_mcp.schema.insight_query import Display

Options = dict[str, object]

# What retention looked back on when nothing was said (facts/rest-api.md 11).
RETENTION_INTERVALS = 11
MAX_BREAKDOWNS = 3
_DISPLAYS = get_args(Display)


def trends_options(filters: Filters) -> Options:
    """Return trendsFilter and compareFilter."""
    shown = {
        "display": _read_display(filters),
        "formula": read_text(filters, "formula"),
        "smoothingIntervals": read_integer(filters, "smoothing_intervals"),
        "showLegend": read_flag(filters, "show_legend"),
        "aggregationAxisFormat": read_text(filters, "aggregation_axis_format"),
        "aggregationAxisPrefix": read_text(filters, "aggregation_axis_prefix"),
        "aggregationAxisPostfix": read_text(filters, "aggregation_axis_postfix"),
        "decimalPlaces": read_number(filters, "decimal_places"),
        "showValuesOnSeries": read_flag(filters, "show_values_on_series"),
        "showPercentStackView": read_flag(filters, "show_percent_stack_view"),
        "showLabelsOnSeries": read_flag(filters, "show_label_on_series"),
        "showAlertThresholdLines": read_flag(filters, "show_alert_threshold_lines"),
        "showMultipleYAxes": read_flag(filters, "show_multiple_y_axes"),
        "yAxisScaleType": read_text(filters, "y_axis_scale_type"),
        "hiddenLegendIndexes": _read_hidden(filters),
    }
    return {**_option("trendsFilter", shown), **_compare(filters)}


def funnels_options(filters: Filters) -> Options:
    """Return funnelsFilter."""
    viz = read_text(filters, "funnel_viz_type")
    if viz is None and filters.get("display") == "ActionsLineGraph":
        viz = "trends"
    interval, unit = _read_window(filters)
    asked = {
        "funnelVizType": viz,
        "funnelOrderType": read_text(filters, "funnel_order_type"),
        "funnelFromStep": read_integer(filters, "funnel_from_step"),
        "funnelToStep": read_integer(filters, "funnel_to_step"),
        "funnelWindowInterval": interval,
        "funnelWindowIntervalUnit": unit,
        "funnelStepReference": read_text(filters, "funnel_step_reference"),
        "breakdownAttributionType": read_text(filters, "breakdown_attribution_type"),
        "breakdownAttributionValue": read_integer(filters, "breakdown_attribution_value"),
        "binCount": "auto" if filters.get("bin_count") == "auto" else read_integer(filters, "bin_count"),
        "exclusions": read_exclusions(filters) or None,
        "layout": read_text(filters, "layout"),
        "funnelAggregateByHogQL": read_text(filters, "funnel_aggregate_by_hogql"),
    }
    return _option("funnelsFilter", asked)


def retention_options(filters: Filters) -> Options:
    """Return retentionFilter."""
    asked = {
        "retentionType": read_text(filters, "retention_type"),
        "retentionReference": read_text(filters, "retention_reference"),
        "totalIntervals": read_integer(filters, "total_intervals") or RETENTION_INTERVALS,
        "period": read_text(filters, "period"),
        "targetEntity": read_retention_entity(filters, "target_entity"),
        "returningEntity": read_retention_entity(filters, "returning_entity"),
        "cumulative": read_flag(filters, "cumulative"),
        "meanRetentionCalculation": _read_mean(filters),
    }
    return _option("retentionFilter", asked)


def paths_options(filters: Filters) -> Options:
    """Return pathsFilter. `path_type` and `start` are older names."""
    asked = {
        "includeEventTypes": read_texts(filters, "include_event_types") or read_texts(filters, "path_type"),
        "pathsHogQLExpression": read_text(filters, "paths_hogql_expression"),
        "startPoint": read_text(filters, "start_point") or read_text(filters, "start"),
        "endPoint": read_text(filters, "end_point"),
        "excludeEvents": read_texts(filters, "exclude_events"),
        "pathGroupings": read_texts(filters, "path_groupings"),
        "pathReplacements": read_flag(filters, "path_replacements"),
        "localPathCleaningFilters": _read_cleaning(filters),
        "stepLimit": read_integer(filters, "step_limit"),
        "edgeLimit": read_integer(filters, "edge_limit"),
        "minEdgeWeight": read_integer(filters, "min_edge_weight"),
        "maxEdgeWeight": read_integer(filters, "max_edge_weight"),
    }
    return {"pathsFilter": given(asked)}


def lifecycle_options(filters: Filters) -> Options:
    """Return lifecycleFilter."""
    asked = {
        "toggledLifecycles": read_texts(filters, "toggledLifecycles"),
        "showLegend": read_flag(filters, "show_legend"),
        "showValuesOnSeries": read_flag(filters, "show_values_on_series"),
    }
    return _option("lifecycleFilter", asked)


def stickiness_options(filters: Filters) -> Options:
    """Return stickinessFilter and compareFilter."""
    shown = {
        "display": _read_display(filters),
        "showLegend": read_flag(filters, "show_legend"),
        "showValuesOnSeries": read_flag(filters, "show_values_on_series"),
        "hiddenLegendIndexes": _read_hidden(filters),
    }
    return {**_option("stickinessFilter", shown), **_compare(filters)}


OPTIONS: Mapping[str, Callable[[Filters], Options]] = {
    "TrendsQuery": trends_options,
    "FunnelsQuery": funnels_options,
    "RetentionQuery": retention_options,
    "PathsQuery": paths_options,
    "LifecycleQuery": lifecycle_options,
    "StickinessQuery": stickiness_options,
}


def breakdown_option(filters: Filters, kind: str) -> Options:
    """Return breakdownFilter. Raises nothing: a breakdown that makes no sense is none.

    A list of breakdowns stays a list for trends, even of one, since its values are answered as lists then.
    """
    breakdown, type_ = read_json(filters, "breakdown"), read_text(filters, "breakdown_type")
    several = [one for one in read_objects(filters, "breakdowns") if one.get("property") is not None]
    if kind == "FunnelsQuery" and len(several) == 1:
        breakdown, type_ = several[0]["property"], read_text(several[0], "type")
        several = []
    if isinstance(breakdown, list):
        breakdown = [value for value in breakdown if isinstance(value, str | int)]
    if isinstance(breakdown, bool) or not isinstance(breakdown, str | int | list) or breakdown in ("", []):
        breakdown = None
    if breakdown is None and not several:
        return {}
    asked: dict[str, object] = {
        "breakdown_limit": read_integer(filters, "breakdown_limit"),
        "breakdown_normalize_url": read_flag(filters, "breakdown_normalize_url"),
        "breakdown_group_type_index": read_integer(filters, "breakdown_group_type_index"),
        "breakdown_hide_other_aggregation": read_flag(filters, "breakdown_hide_other_aggregation"),
    }
    if several:
        asked["breakdowns"] = [_read_item(one) for one in several[:MAX_BREAKDOWNS]]
    else:
        asked |= {"breakdown": breakdown, "breakdown_type": _read_breakdown_type(type_)}
    if kind == "TrendsQuery":
        asked["breakdown_histogram_bin_count"] = read_integer(filters, "breakdown_histogram_bin_count")
    return _option("breakdownFilter", asked)


def _read_breakdown_type(type_: str | None) -> str:
    return "event" if type_ in (None, "events", "undefined") else type_


def _read_item(item: Mapping[str, object]) -> dict[str, object]:
    names = ("group_type_index", "histogram_bin_count", "normalize_url")
    named = {"property": item["property"], "type": _read_breakdown_type(read_text(item, "type"))}
    return named | given({name: item.get(name) for name in names})


def _read_hidden(filters: Filters) -> list[int] | None:
    """Return the series that the legend hides, of `{"1": true, "2": false}`."""
    keys = read_json(filters, "hidden_legend_keys")
    if not isinstance(keys, Mapping):
        return None
    return [int(str(key)) for key, is_hidden in keys.items() if is_hidden is True and str(key).isdecimal()] or None


def _read_mean(filters: Filters) -> str | None:
    """Return how the mean of retention is taken. It could only be shown or not once."""
    return read_text(filters, "mean_retention_calculation") or (
        "none" if read_flag(filters, "show_mean") is False else None
    )


def _read_display(filters: Filters) -> str | None:
    display = read_text(filters, "display")
    return display if display in _DISPLAYS else None


def _compare(filters: Filters) -> Options:
    asked = {"compare": read_flag(filters, "compare") or None, "compare_to": read_text(filters, "compare_to")}
    return _option("compareFilter", asked)


def _read_window(filters: Filters) -> tuple[int | None, str | None]:
    """Return the conversion window: a number and its unit, or a number of days as first was."""
    unit = read_text(filters, "funnel_window_interval_unit") or read_text(filters, "funnel_window_interval_type")
    interval = read_integer(filters, "funnel_window_interval")
    days = read_integer(filters, "funnel_window_days")
    if interval is None and days is not None:
        return days, "day"
    return interval, unit.lower().removesuffix("s") if unit else None


def _read_cleaning(filters: Filters) -> list[dict[str, object]] | None:
    rules = read_objects(filters, "local_path_cleaning_filters")
    return [given({name: rule.get(name) for name in ("regex", "alias")}) for rule in rules] or None


def _option(name: str, values: Mapping[str, object]) -> Options:
    asked = given(values)
    return {name: asked} if asked else {}
