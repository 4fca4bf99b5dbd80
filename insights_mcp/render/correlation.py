"""Correlation: what goes with converting and with dropping out of a funnel (facts/queries.md 1.8)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.numbers import number
from insights_mcp.render.reading import amount, mapping, mappings_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

Found = Mapping[str, object]
_NOUNS = {"properties": "property", "event_with_properties": "event and property"}


def report_correlation(result: Result) -> Report:
    """Return what goes with success and with failure, of a FunnelCorrelationQuery, the strongest of each first."""
    answer = mapping(result.results)
    found = list(mappings_of(answer.get("events")))
    if not found:
        why = " The groups differ too much in size." if answer.get("skewed") else ""
        return Report((f"Nothing correlates with converting.{why}",), is_empty=True)
    good = sorted((one for one in found if _is_good(one)), key=lambda one: -_odds(one))
    bad = sorted((one for one in found if not _is_good(one)), key=_odds)
    facts = [_tell("converting", good), _tell("dropping out", bad)]
    if answer.get("skewed"):
        facts.append("Far more people dropped out than converted, or the other way round: read this with care.")
    noun = _NOUNS.get(text_of(result.query.get("funnelCorrelationType")), "event")
    header = [Plain(name) for name in ("goes with", noun, "odds ratio", "converted", "dropped out")]
    rows = [
        [Plain(group), *_cells(one)] for group, some in (("converting", good), ("dropping out", bad)) for one in some
    ]
    return Report(tuple(fact for fact in facts if fact), Table(header, rows, grouped=True))


def _cells(found: Found) -> list[object]:
    return [_name(found), Plain(_round(_odds(found))), found.get("success_count"), found.get("failure_count")]


def _tell(what: str, found: Sequence[Found]) -> str:
    if not found:
        return f"Nothing goes with {what}."
    first = found[0]
    numbers = (
        f"{number(amount(first.get('success_count')))} converted, {number(amount(first.get('failure_count')))} did not"
    )
    return f"With {what} goes most {word(_name(first))}: {numbers}."


def _is_good(found: Found) -> bool:
    return found.get("correlation_type") == "success"


def _odds(found: Found) -> float:
    return amount(found.get("odds_ratio"))


def _name(found: Found) -> str:
    return text_of(mapping(found.get("event")).get("event"))


def _round(odds: float) -> str:
    """Return an odds ratio with two digits that matter: more is not known."""
    if odds >= 10:
        return number(round(odds))
    return number(float(f"{odds:.2g}"))
