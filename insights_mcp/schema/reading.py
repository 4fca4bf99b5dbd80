"""The outside of a query: is it JSON, is it an object, what kind is it."""

import json
import re
from collections.abc import Collection, Mapping, Sequence

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.hints import EXAMPLES, guess
from insights_mcp.schema.problem import Problem, tell
from insights_mcp.schema.samples import show

_SQL = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with)\b", re.IGNORECASE | re.DOTALL)
_SAMPLE: dict[str, object] = {"kind": "TrendsQuery", "series": EXAMPLES["series"], "dateRange": EXAMPLES["dateRange"]}
_SHORT = 200
# Far more than any query needs, and far less than the validator can follow.
_DEEPEST = 60
# Fields that tell the kind when nothing else does.
_TELLING = {
    "funnelsFilter": "FunnelsQuery",
    "lifecycleFilter": "LifecycleQuery",
    "pathsFilter": "PathsQuery",
    "retentionFilter": "RetentionQuery",
    "stickinessFilter": "StickinessQuery",
    "chartSettings": "DataVisualizationNode",
    "source": "InsightVizNode",
    "query": "HogQLQuery",
    "select": "EventsQuery",
    "series": "TrendsQuery",
    "trendsFilter": "TrendsQuery",
}


def read_body(value: object) -> Mapping[str, object]:
    """Return the JSON object in `value`, which may be JSON text.

    Raises QueryInvalid when it is neither.
    """
    if isinstance(value, str | bytes):
        value = _read_json(value)
    if isinstance(value, Mapping):
        if _is_too_deep(value):
            raise tell(Problem((), f"is nested more than {_DEEPEST} levels deep.", 0))
        return value
    what = "a list" if isinstance(value, list) else show(value)
    raise tell(Problem((), f"must be a JSON object, not {what}.", 0, example=_SAMPLE))


def read_kind(body: Mapping[str, object], kinds: Sequence[str], foreign: Collection[str]) -> str:
    """Return the kind of a query.

    Raises QueryInvalid when it has none, or one that does not exist.
    """
    kind = body.get("kind")
    if isinstance(kind, str) and (kind in kinds or kind in foreign):
        return kind
    if isinstance(kind, str):
        nearest = guess(kind, kinds)
        named = {"kind": nearest} if nearest else None
        raise tell(Problem(("kind",), f"{show(kind)} is not a kind of query.", 0, tuple(kinds), nearest, named))
    if kind is not None:
        raise tell(Problem(("kind",), f"must be text, not {show(kind)}.", 0, tuple(kinds)))
    if "events" in body or "insight" in body or "filters" in body:
        raise tell(Problem(("kind",), "is missing; the old filters form is no longer taken.", 0, example=_SAMPLE))
    likely = next((name for field, name in _TELLING.items() if field in body), None)
    mended: dict[str, object] = {"kind": likely, **body}
    fits = likely is not None and len(json.dumps(mended, default=str)) <= _SHORT
    example = mended if fits else _SAMPLE
    raise tell(Problem(("kind",), "is missing.", 0, () if likely else tuple(kinds), likely, example))


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, Mapping) else outer if isinstance(outer, list) else ())
        ]
        if not level:
            return False
    return True


def _read_json(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise QueryInvalid("is nested too deeply.") from None
    except UnicodeDecodeError:
        raise QueryInvalid("is not text in UTF-8.") from None
    except json.JSONDecodeError as error:
        if isinstance(text, str) and _SQL.match(text):
            sample = text if len(text) <= 100 else "SELECT …"
            problem = Problem((), "is SQL; put it in a HogQLQuery.", 0, example={"kind": "HogQLQuery", "query": sample})
            raise tell(problem) from None
        where = f"line {error.lineno}, column {error.colno}"
        raise tell(Problem((), f"is not JSON: {error.msg} ({where}).", 0, example=_SAMPLE)) from None
