"""Argument names as models write them, turned into ours where only one can be meant."""

from collections.abc import Collection, Mapping

# Other names, by their shape (no case, no `_`), and the arguments they stand for; the first that a tool has.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "insightid": ("id",),
    "shortid": ("id",),
    "dashboardid": ("id", "dashboards"),
    "dashboard": ("dashboards", "id"),
    "title": ("name",),
    "tag": ("tags",),
    "sql": ("query",),
    "hogql": ("query",),
    "q": ("search",),
    "query": ("search",),
    "text": ("search",),
    "term": ("search",),
    "keyword": ("search",),
    "eventname": ("event",),
    "eventnames": ("event",),
    "events": ("event",),
    "propertyname": ("property",),
    "pagesize": ("limit",),
    "addtodashboard": ("add_to_dashboards",),
    "removefromdashboard": ("remove_from_dashboards",),
}
# The names that other servers of PostHog's tools use: taken without a word.
_USUAL = frozenset({"insightid", "shortid", "dashboardid"})


def mend_names(given: Mapping[str, object], known: Collection[str]) -> tuple[dict[str, object], list[str]]:
    """Return the arguments under their right names, and what was read as what."""
    mended: dict[str, object] = {}
    said: list[str] = []
    if "kind" in given and "query" in known and "query" not in given and "kind" not in known:
        stray = [name for name in given if name not in known]
        mended["query"] = {name: given[name] for name in stray}
        given = {name: value for name, value in given.items() if name in known}
        said.append("the query's own fields as query")
    for name, value in given.items():
        meant = name if name in known else _meant(name, known)
        if meant is None or (meant != name and (meant in given or meant in mended)):
            mended[name] = value
            continue
        mended[meant] = value
        if meant != name and _shape(name) not in _USUAL:
            said.append(f"{name[:40]} as {meant}")
    return mended, said


def _meant(name: str, known: Collection[str]) -> str | None:
    shape = _shape(name)
    for one in known:
        if _shape(one) == shape:
            return one
    return next((one for one in _OTHER_NAMES.get(shape, ()) if one in known), None)


def _shape(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
