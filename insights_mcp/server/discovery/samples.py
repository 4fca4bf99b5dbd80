"""What the latest events of a kind carry: properties, how often, and values. One query for several events.

The query is the one PostHog itself asks for such a list: the latest events of each kind, taken apart. It reads little,
so how often a property is set is a share of what was sampled, not of all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.client import PostHogClient
from insights_mcp.render.reading import rows_of
from insights_mcp.server.discovery.usage import ask_rows, quoted
from insights_mcp.server.discovery.words import split_words

_SAMPLED = 200
_KEPT_VALUES = 8
_LONGEST = 60
_MOST_ROWS = 2000
_FEW = 20
_MOST_DIFFER = 0.8
# What SDKs send along for the server, not for people to ask about.
_NOISE = re.compile(r"\$(set|set_once|unset|groups|sent_at|time|elements.*|insert_id|lib_.*|feature/.*|sdk_debug.*)")
# Values of these are of one person each: named, not shown.
_PERSONAL = {"email", "mail", "phone", "address", "ip", "password", "token", "secret", "name", "username", "ssn"}
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


@dataclass(frozen=True)
class SampledProperty:
    """A property as the sampled events carried it. `share` is of those events; `values` the commonest first."""

    name: str
    seen: int
    share: float
    kinds: int
    values: tuple[str, ...]

    @property
    def type(self) -> str:
        """Return the type that the values look like, in the API's words."""
        if self.values and all(value in ("true", "false") for value in self.values):
            return "Boolean"
        if self.values and all(NUMBER.fullmatch(value) for value in self.values):
            return "Numeric"
        return "DateTime" if self.values and all(_MOMENT.fullmatch(value) for value in self.values) else "String"

    @property
    def is_id(self) -> bool:
        """Return whether nearly every event has a value of its own."""
        return self.kinds >= _FEW and self.kinds >= _MOST_DIFFER * self.seen

    @property
    def is_personal(self) -> bool:
        """Return whether the values are better not shown."""
        return not _PERSONAL.isdisjoint(split_words(self.name))


Samples = Mapping[str, Sequence[SampledProperty]]


async def sample_events(api: PostHogClient, names: Sequence[str]) -> Samples | str:
    """Return by event what its latest occurrences carry, or in a few words why that is not known."""
    if not names:
        return {}
    latest = " UNION ALL ".join(
        f"SELECT event AS what, properties AS body FROM events WHERE event = {quoted(name)} "
        f"AND timestamp >= now() - INTERVAL 30 DAY ORDER BY timestamp DESC LIMIT {_SAMPLED}"
        for name in names
    )
    return _read(await ask_rows(api, _take_apart(latest)))


async def sample_people(api: PostHogClient) -> Samples | str:
    """Return what the people behind some events of the last week carry, under the name `person`."""
    some = (
        "SELECT 'person' AS what, person.properties AS body FROM events "
        f"WHERE timestamp >= now() - INTERVAL 7 DAY LIMIT {5 * _SAMPLED}"
    )
    return _read(await ask_rows(api, _take_apart(some)))


def _take_apart(source: str) -> str:
    return (
        f"SELECT what, kv.1 AS key, count() AS seen, uniq(kv.2) AS kinds, "
        f"topK({_KEPT_VALUES})(substring(kv.2, 1, {_LONGEST})) AS common "
        f"FROM (SELECT what, arrayJoin(JSONExtractKeysAndValues(body, 'String')) AS kv FROM ({source})) "
        f"GROUP BY what, key ORDER BY seen DESC, key LIMIT {_MOST_ROWS}"
    )


def _read(rows: list[list[object]] | str) -> Samples | str:
    if isinstance(rows, str):
        return rows
    most: dict[str, int] = {}
    found: dict[str, list[SampledProperty]] = {}
    for row in rows:
        if len(row) != 5:
            continue
        what, key, seen, kinds, common = row
        if not (isinstance(what, str) and isinstance(key, str) and isinstance(seen, int) and isinstance(kinds, int)):
            continue
        whole = most.setdefault(what, max(seen, 1))  # the first row of each is its largest
        if not _NOISE.fullmatch(key):
            values = tuple(str(value) for value in rows_of(common) if value not in ("", "null"))
            found.setdefault(what, []).append(SampledProperty(key, seen, min(seen / whole, 1.0), kinds, values))
    return found
