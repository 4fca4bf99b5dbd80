"""Figures as Vega-Lite: `draw_spec` gives one plain, self-contained specification per figure.

Names stand in a specification as data, scale domains and titles only; its expressions are constants of ours. Axes hold
numbers in their unit: prefix and postfix travel as the locale's currency signs, which are data too.
"""

from insights_mcp.render.vega.drawing import draw_spec

__all__ = ["draw_spec"]
