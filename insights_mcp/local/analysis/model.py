"""What an injected language model is asked beside the rules, and what is kept of its answer."""

import json
from collections.abc import Mapping

from insights_mcp.local.analysis.suggestions import Suggestion, keep_valid
from insights_mcp.prompts import load_prompt

MAX_FACTS = 24_000
MAX_ANSWER = 4_000
MOST = 3


def analysis_request(title: str, description: str, source: object, results: object) -> tuple[str, str]:
    """Return the instructions and the facts of an analysis."""
    return load_prompt("analysis/insight"), _facts(title, description, source, results)


def suggestions_request(title: str, source: object, results: object, context: str) -> tuple[str, str]:
    """Return the instructions and the facts of a request for suggestions."""
    return load_prompt("analysis/suggestions"), _facts(title, context, source, results)


def read_analysis(answer: str) -> str | None:
    """Return the text of an answer, None when it is empty."""
    return answer.strip()[:MAX_ANSWER] or None


def read_suggestions(answer: str) -> list[Suggestion]:
    """Return the suggestions of an answer that can be run; anything else is dropped."""
    start, end = answer.find("["), answer.rfind("]")
    try:
        listed = json.loads(answer[start : end + 1]) if 0 <= start < end else []
    except (ValueError, RecursionError):
        return []
    found = [suggestion for item in listed if (suggestion := _read_one(item)) is not None]
    return list(keep_valid(found))[:MOST]


def _read_one(item: object) -> Suggestion | None:
    if not isinstance(item, Mapping):
        return None
    title, description, query = item.get("title"), item.get("description"), item.get("targetQuery")
    if not isinstance(title, str) or not isinstance(query, dict) or query.get("kind") != "InsightVizNode":
        return None
    return Suggestion(title[:100], description[:300] if isinstance(description, str) else "", query)


def _facts(title: str, description: str, source: object, results: object) -> str:
    facts = {
        "name": title[:400],
        "description": description[:2_000],
        "query": source,
        "results": _without_links(results),
    }
    return json.dumps(facts, ensure_ascii=False, default=str)[:MAX_FACTS]


def _without_links(results: object) -> object:
    if isinstance(results, list):
        return [_without_links(item) for item in results]
    if isinstance(results, Mapping):
        skipped = ("persons_urls", "people_url", "people", "action", "filter", "converted_people_url")
        return {key: _without_links(value) for key, value in results.items() if key not in skipped}
    return results
