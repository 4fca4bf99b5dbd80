"""Figures: what is to be drawn of a result, before anything draws it.

`draw_figure` turns the result of any query kind into a `Figure`; Vega-Lite (pictures), text charts (terminals) and the
interactive view draw the same one. `figure_data` is its JSON form, in which whatever is empty or as usual is left out:

    {
      "drawing": "line",                  one of the drawings below; the only field that is always there
      "title": "Signups",                 "title", "subtitle": text; all text is data and may hold anything visible
      "subtitle": "By day, 2026-11-16 to 2026-11-20",
      "x": Axis, "y": Axis,
      "labels": ["16 Nov", ...],           the places along x, or the categories, steps, bins; no two are the same
      "times": ["2026-11-16", ...],       the same places as ISO dates or datetimes, only where x is time
      "series": [Series, ...],
      "is_share": true,                   draw each place's values as shares of their sum
      "unfinished": 1,                    so many of the last places are not over yet (draw them dashed or pale)
      "goals": [{"name": "target", "value": 100}],         lines across, at y = value
      "grid": Grid, "nodes": [Node], "edges": [Edge], "boxes": [Box], "columns": [Column], "rows": [[cell]],
      "notes": ["3 more values are summed as Other."]      sentences to be shown below
    }
    Axis    {"title": "Day", "kind": "time" | "category" | "number", "scale": "log", "unit": Unit}
            (kind is left out when it is "number", scale when it is "linear")
    Unit    {"kind": "percent" | "duration" | "currency", "prefix": "$", "postfix": " EUR", "decimals": 2}
            (kind is left out when it is "number"; percent values are 0 to 100, durations seconds)
    Series  {"name": "Chrome", "values": [1, null, 3], "color": 0, "role": "previous" | "other" | "mean",
             "times": [...], "seconds": [null, 60, ...], "trail": [...]}
            (role is left out when it is "current"; color is the place in a palette, shared by a series and its
            previous period, and is left out for grey; times are the previous period's own dates, in place; seconds
            belong to funnels: the median time from the step before; trail to numbers: the way there, for a sparkline)
    Grid    {"rows": ["16 Nov", ...], "columns": ["Day 0", ...], "values": [[100, 40, null], ...], "sizes": [120, ...]}
            (values have y's unit; sizes are how many people a row has)
    Node    {"name": "/home", "step": 1, "value": 50}
    Edge    {"source": 0, "target": 3, "value": 20, "seconds": 4.5}     (source and target are places in nodes)
    Box     {"name": "16 Nov", "low": 1, "q1": 2, "median": 3, "q3": 5, "high": 9, "mean": 3.4}
    Column  {"name": "browser", "is_number": true, "unit": Unit}
            (cells are null, numbers, booleans or text; numbers have the unit of their column)

Drawings and what they use:
    line, area, bar, stacked_bar   labels, series (times where x is time); bars stand side by side, areas are stacked
    lifecycle                      stacked bars over time; series new, returning, resurrecting and, below zero, dormant
    slope                          labels and values have two places: the first and the last
    histogram                      labels are the beginnings of the bins; one series, or the current and the previous
    horizontal_bar                 labels are categories; each series has a value per category
    pie, donut, proportion, map    as horizontal_bar, with one series; map's labels are countries
    number                         each series is one number (values[0]); the previous one has the same color
    funnel                         labels are steps; a series per breakdown value, values are how many got there
    retention, heatmap             grid
    paths                          nodes and edges, from left to right by step
    box                            boxes
    table                          columns and rows
"""

from insights_mcp.render.figures.drawing import draw_figure
from insights_mcp.render.figures.model import (
    Axis,
    Box,
    Column,
    Drawing,
    Edge,
    Figure,
    Goal,
    Grid,
    Node,
    Series,
    Unit,
    figure_data,
)

__all__ = [
    "Axis",
    "Box",
    "Column",
    "Drawing",
    "Edge",
    "Figure",
    "Goal",
    "Grid",
    "Node",
    "Series",
    "Unit",
    "draw_figure",
    "figure_data",
]
