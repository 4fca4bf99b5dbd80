"""Random ways through small projects: pauses of just half an hour, ties, nameless items, changes of the clocks."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle import paths
from tests.oracle.events import Event, People, Project
from tests.oracle.random_trends import DISTINCT_IDS, PERSON_OF, TEST_ACCOUNTS, TYPES, ZONES, date_ranges, query_filters

NAMES = ["$pageview", "$pageview", "seen", "seen", "bought", "$screen", "ätsch", "$identify"]
URLS = ["/", "/a", "/a", "/a/", "/b/12", "/b/7/", "/b/7/edit", "//", "", None]
SCREENS = ["Home", "Home", "Cart", "/a", "", None]
# What paths may begin or end at, or leave out: some items, and some that are none.
ITEMS = ["seen", "bought", "/a", "/a/", "seen", "Home", "/", "/b/7", "/b/<id>", "/b/*", "$pageview", "nowhere"]
EXPRESSIONS = ["event", "concat(event, '!')", "properties.kind", "length(event)"]
GROUPINGS = ["/b/*", "*/edit", "/b/*/edit", "/a", "*", "e*n", "7", "(.+)", "Ho*e"]
RULES = [
    {"regex": "\\d+", "alias": "<id>"},
    {"regex": "^/b/.*", "alias": "/b"},
    {"regex": "e", "alias": ""},
    {"regex": "^[Hs].*$", "alias": "/a"},
]
TYPES_OF_EVENTS = ["$pageview", "$screen", "custom_event", "hogql"]
# Since the visit before: often none, often just a pause or just not.
STEPS = [
    timedelta(0),
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(minutes=10),
    timedelta(minutes=29, seconds=59, microseconds=999_999),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(days=1),
]
WALKERS = [["a1", "a2"], ["b1"], ["c1"], ["a1"], DISTINCT_IDS]
BOTH_POINTS = ("startPoint", "endPoint")
# Asked of each project: filling the tables takes as long as several answers.
QUESTIONS = 3


@st.composite
def events(draw: st.DrawFn, zone: str) -> list[Event]:
    """A few persons' days, written in any order."""
    found = []
    for distinct_ids in draw(st.lists(st.sampled_from(WALKERS), min_size=draw(st.sampled_from([0, 2, 2])), max_size=4)):
        at = ZONES[zone] + timedelta(days=draw(st.integers(-2, 1)), minutes=15 * draw(st.integers(0, 95)))
        steps = st.lists(st.sampled_from(STEPS), min_size=draw(st.sampled_from([1, 6, 6])), max_size=14)
        for step in draw(steps):
            at += step
            found.append(draw(event(at, distinct_ids)))
    return draw(st.permutations(found))


def event(at: datetime, distinct_ids: list[str]) -> st.SearchStrategy[Event]:
    properties = st.fixed_dictionaries(
        {"$current_url": st.sampled_from(URLS), "$screen_name": st.sampled_from(SCREENS)},
        optional={
            "kind": st.sampled_from(["x", "y", "", None, True, 7]),
            "amount": st.sampled_from([0, 1, 2.5, 10, None]),
            "flag": st.sampled_from([True, False, None]),
            "$session_id": st.sampled_from(["s1", "s2", ""]),
        },
    )
    return st.builds(
        Event,
        event=st.sampled_from(NAMES),
        distinct_id=st.sampled_from(distinct_ids),
        timestamp=st.just(at),
        properties=properties,
    )


@st.composite
def projects(draw: st.DrawFn, zone: str) -> Project:
    plan = st.fixed_dictionaries({}, optional={"plan": st.sampled_from(["free", "paid", "test", "", None])})
    people = {person: draw(plan) for person in sorted(set(PERSON_OF.values()))}
    return Project(
        events=draw(events(zone)),
        people=People(PERSON_OF, people),
        timezone=zone,
        week_start_day=draw(st.sampled_from([0, 1])),
        property_types=TYPES,
        test_account_filters=TEST_ACCOUNTS,
        path_cleaning_filters=draw(st.lists(st.sampled_from(RULES), max_size=2)),
    )


@st.composite
def paths_filters(draw: st.DrawFn) -> dict[str, Any]:
    def sometimes(chance: int) -> bool:
        return draw(st.integers(1, chance)) == 1

    asked: dict[str, Any] = {}
    if draw(st.booleans()):
        least = draw(st.sampled_from([0, 2]))
        types = st.lists(st.sampled_from(TYPES_OF_EVENTS), min_size=least, max_size=4, unique=True)
        asked["includeEventTypes"] = draw(types)
    if sometimes(3):
        asked["pathsHogQLExpression"] = draw(st.sampled_from(EXPRESSIONS))
    if sometimes(5):
        asked["excludeEvents"] = draw(st.lists(st.sampled_from([*ITEMS, "hogql", "$screen"]), max_size=3))
    if sometimes(3):
        asked["pathGroupings"] = draw(st.lists(st.sampled_from(GROUPINGS), max_size=3, unique=True))
    if sometimes(3):
        asked["pathReplacements"] = True
    if sometimes(4):
        asked["localPathCleaningFilters"] = draw(st.lists(st.sampled_from(RULES), max_size=2))
    for name, most in {"stepLimit": 8, "edgeLimit": 8, "minEdgeWeight": 2, "maxEdgeWeight": 3}.items():
        if sometimes(5):
            asked[name] = draw(st.integers(0, most))
    return asked


@st.composite
def points(draw: st.DrawFn, project: Project, query: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Where paths start and end: mostly somewhere that somebody was, with the limits that fit."""
    names = draw(st.sampled_from([(), (), (), ("startPoint",), ("endPoint",), BOTH_POINTS, BOTH_POINTS]))
    every = {**query, "pathsFilter": {**query["pathsFilter"], "stepLimit": 99}}
    walks = [[visit.item for visit in walk] for _, walk in paths.walks(project, every, now)]
    if names and (not walks or draw(st.integers(0, 4)) == 0):
        return {name: draw(st.sampled_from(ITEMS)) for name in names}
    found: dict[str, Any] = {}
    if names:
        walk = draw(st.sampled_from(sorted(walks, key=len, reverse=True)))
        places = sorted(draw(st.integers(0, len(walk) - 1)) for _ in names)
        found = {name: walk[place] for name, place in zip(names, places, strict=True) if walk[place]}
    if names == BOTH_POINTS:
        found["stepLimit"] = draw(st.integers(0, 4))
    return found


@st.composite
def funnel_parts(draw: st.DrawFn) -> dict[str, Any]:
    overlap = draw(st.booleans())
    count = draw(st.sampled_from([2, 2, 3]))
    names = [None, "$pageview", "seen"] if overlap else ["$pageview", "seen", "bought"]
    steps = [draw(st.sampled_from(names)) for _ in range(count)] if overlap else draw(st.permutations(names))[:count]
    series: list[dict[str, Any]] = [{"kind": "EventsNode", "event": name} for name in steps]
    order = draw(st.sampled_from(["ordered", "ordered", "unordered", "strict"]))
    if count == 3 and not overlap and order != "unordered" and draw(st.integers(0, 2)) == 0:
        series[1]["optionalInFunnel"] = True
    number, unit = draw(st.sampled_from([(1, "hour"), (30, "minute"), (1, "day"), (14, "day"), (60, "second")]))
    shown: dict[str, Any] = {
        "funnelOrderType": order,
        "funnelWindowInterval": number,
        "funnelWindowIntervalUnit": unit,
        "funnelVizType": draw(st.sampled_from(["steps", "trends"])),
    }
    if draw(st.integers(0, 5)) == 0:
        shown["funnelAggregateByHogQL"] = "properties.$session_id"
    type_ = draw(st.sampled_from(["before_step", "between_steps", "after_step"]))
    first = 2 if type_ == "between_steps" else 1
    done = st.integers(first, count)
    left = st.integers(first + 1, count).map(lambda step: -step)
    return {
        "funnelPathType": f"funnel_path_{type_}",
        "funnelStep": draw(st.one_of(done, left) if first < count else done),
        "funnelSource": {
            "kind": "FunnelsQuery",
            "series": series,
            "funnelsFilter": shown,
            "dateRange": {"date_from": "2024-01-01", "date_to": "2024-12-31"},
        },
    }


@st.composite
def questions(draw: st.DrawFn) -> tuple[Project, list[dict[str, Any]], list[int], datetime]:
    """A project, questions about it, numbers that choose whom to look for behind their edges, and the time."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    project = draw(projects(zone))
    now = ZONES[zone] + timedelta(days=draw(st.integers(0, 3)), hours=draw(st.integers(0, 23)), minutes=17)
    asked = []
    for _ in range(QUESTIONS):
        query: dict[str, Any] = {"kind": "PathsQuery", "pathsFilter": draw(paths_filters())}
        if draw(st.integers(0, 4)) == 0:
            query["dateRange"] = draw(date_ranges(zone))
        else:
            query["dateRange"] = {"date_from": "2024-01-01", "date_to": "2024-12-31"}
        if draw(st.integers(0, 5)) == 0:
            query["properties"] = draw(query_filters())
            query["filterTestAccounts"] = draw(st.booleans())
        if draw(st.integers(0, 2)) == 0:
            query["funnelPathsFilter"] = draw(funnel_parts())
            if draw(st.booleans()):
                query["pathsFilter"] = {}
        query["pathsFilter"] |= draw(points(project, query, now))
        asked.append(query)
    chosen = draw(st.lists(st.integers(0, 1000), min_size=2, max_size=2))
    return project, asked, chosen, now
