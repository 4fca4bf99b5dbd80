"""What the naming model is asked: the rules, the rules of the kind, and the summary as fenced data."""

import secrets
from dataclasses import dataclass

from insights_mcp.naming.summary import QuerySummary
from insights_mcp.naming.text import escape
from insights_mcp.prompts import load_prompt

_KIND_PROMPTS = {
    "TrendsQuery": "trends",
    "FunnelsQuery": "funnels",
    "RetentionQuery": "retention",
    "PathsQuery": "paths",
    "StickinessQuery": "stickiness",
    "LifecycleQuery": "lifecycle",
    "FunnelCorrelationQuery": "correlation",
    "HogQLQuery": "sql",
    "EventsQuery": "table",
    "ActorsQuery": "table",
    "InsightActorsQuery": "table",
    "FunnelsActorsQuery": "table",
    "FunnelCorrelationActorsQuery": "table",
    "StickinessActorsQuery": "table",
    "EventsNode": "table",
    "ActionsNode": "table",
}


@dataclass(frozen=True)
class Prompt:
    """The system text, and the user text with the data in its fence."""

    system: str
    user: str


def write_prompt(summary: QuerySummary) -> Prompt:
    """Return the prompt for a summary. The fence is random, so that no text in the data can close it."""
    boundary = secrets.token_hex(8)
    rules = load_prompt("metadata/rules").replace("{boundary}", boundary)
    kind = load_prompt(f"metadata/{_KIND_PROMPTS.get(summary.kind, 'other')}")
    fenced = f"<data-{boundary}>\n{escape(summary.text)}\n</data-{boundary}>"
    return Prompt(system=f"{rules}\n\n{kind}", user=f"{fenced}\n\nName this query.")


def write_repair(problem: str) -> str:
    """Return what is said after an answer that cannot be used."""
    return load_prompt("metadata/repair").replace("{problem}", problem)
