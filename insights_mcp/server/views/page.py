"""The view's page: one HTML text put together from the hand-written parts in `page/`.

A host shows it under a policy without any network (facts/mcp.md 5), so style and script stand in the page itself.
"""

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "page"
# In the order in which they use one another when the page starts.
_SCRIPTS = (
    "host",
    "elements",
    "numbers",
    "places",
    "xy",
    "categories",
    "funnel",
    "grids",
    "flows",
    "main",
)
_REMARK = re.compile(r"^\s*(//.*|/\*.*\*/\s*)?\n|^[ \t]+", re.MULTILINE)


@cache
def load_page() -> str:
    """Return the page. Remarks and indentation stay behind: they are for those who read the source."""
    script = "".join(_read(f"{name}.js") for name in _SCRIPTS)
    page = _read("page.html").replace("{{style}}", _read("style.css"))
    return page.replace("{{script}}", f'(() => {{\n"use strict";\n{script}}})();')


def _read(name: str) -> str:
    return _REMARK.sub("", (_FOLDER / name).read_text(encoding="utf-8"))
