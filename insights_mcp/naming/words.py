"""PostHog's words in people's words: event and property names, math, intervals, periods, operators."""

import re

from insights_mcp.naming.text import clean, clean_label

# One and many of the events PostHog sends by itself.
_EVENTS = {
    "$ai_generation": ("AI Generation", "AI Generations"),
    "$autocapture": ("Autocapture", "Autocaptured Events"),
    "$create_alias": ("Alias", "Aliases"),
    "$dead_click": ("Dead Click", "Dead Clicks"),
    "$exception": ("Exception", "Exceptions"),
    "$feature_flag_called": ("Feature Flag Call", "Feature Flag Calls"),
    "$groupidentify": ("Group Identify", "Group Identifies"),
    "$identify": ("Identify", "Identify Events"),
    "$pageleave": ("Pageleave", "Pageleaves"),
    "$pageview": ("Pageview", "Pageviews"),
    "$rageclick": ("Rage Click", "Rage Clicks"),
    "$screen": ("Screen View", "Screen Views"),
    "$web_vitals": ("Web Vitals", "Web Vitals Events"),
}
_PROPERTIES = {
    "$current_url": "URL",
    "$geoip_city_name": "City",
    "$geoip_continent_name": "Continent",
    "$geoip_country_code": "Country",
    "$geoip_country_name": "Country",
    "$geoip_subdivision_1_name": "Region",
    "$host": "Host",
    "$lib": "Library",
    "$os": "OS",
    "$pathname": "Path",
    "$referrer": "Referrer",
}
_CAPITAL_WORDS = """ai api arr cpu css csv cta db dau dom eu faq gb html http https id ip kpi llm mau mb mcp mrr nps os
pdf qa ram sdk seo sms sql sso tv ui uk url us usd utm ux vip wau xml"""
_CAPITALS = frozenset(_CAPITAL_WORDS.split())
_OWN_SPELLING = {"ios": "iOS", "iphone": "iPhone", "ipad": "iPad", "macos": "macOS", "ms": "ms", "posthog": "PostHog"}
_SMALL_WORDS = "a an and as at by for from in of on or per the through to vs with"
_SMALL = frozenset(_SMALL_WORDS.split())
MATH = {
    "total": "total count",
    "dau": "unique users",
    "weekly_active": "weekly active users",
    "monthly_active": "monthly active users",
    "unique_session": "unique sessions",
    "first_time_for_user": "first time for user",
    "first_time_for_user_with_filters": "first time for user with filters",
    "first_matching_event_for_user": "first matching event for user",
    "unique_group": "unique groups",
    "first_time_for_group": "first time for group",
    "first_matching_event_for_group": "first matching event for group",
    "hogql": "SQL expression",
}
AGGREGATES = {
    "avg": "Average",
    "sum": "Total",
    "min": "Minimum",
    "max": "Maximum",
    "median": "Median",
    "p75": "P75",
    "p90": "P90",
    "p95": "P95",
    "p99": "P99",
}
INTERVAL_WORDS = {"minute": "Minutely", "hour": "Hourly", "day": "Daily", "week": "Weekly", "month": "Monthly"}
INTERVAL_WORDS |= {"quarter": "Quarterly", "year": "Yearly"}
OPERATORS = {
    "exact": "is",
    "is_not": "is not",
    "icontains": "contains",
    "not_icontains": "does not contain",
    "regex": "matches",
    "not_regex": "does not match",
    "gt": ">",
    "gte": ">=",
    "min": ">=",
    "lt": "<",
    "lte": "<=",
    "max": "<=",
    "between": "is between",
    "not_between": "is not between",
    "is_set": "is set",
    "is_not_set": "is not set",
    "is_date_exact": "is on",
    "is_date_before": "is before",
    "is_date_after": "is after",
    "in": "is in",
    "not_in": "is not in",
}
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year", "s": "second", "M": "minute"}
_RELATIVE = re.compile(r"-?(?P<count>\d*)(?P<unit>[hdwmqysM])(?P<pin>Start|End)?\Z")
_LABEL_WORDS = 6
_LABEL_LETTERS = 44


def humanize(name: str) -> str:
    """Turn an identifier into Title Case words: `user_signed_up` into `User Signed Up`, `$browser` into `Browser`."""
    spaced = re.sub(r"[_\-.:/$?&=+,;()\"!%^]+", " ", clean(name))
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", spaced)
    return shorten_label(title_case(spaced))


def title_case(text: str) -> str:
    """Capitalise words; small words stay small inside, known capitals and mixed case stay as they are."""
    words = text.split()
    return " ".join(_capitalize(word, inner=0 < index < len(words) - 1) for index, word in enumerate(words))


def shorten_label(text: str) -> str:
    """Cut a label to a few words."""
    words = text.split()[:_LABEL_WORDS]
    while len(words) > 1 and len(" ".join(words)) > _LABEL_LETTERS:
        words.pop()
    while len(words) > 1 and words[-1].lower() in _SMALL:
        words.pop()
    return " ".join(words)[:_LABEL_LETTERS]


def event_label(event: str | None) -> str:
    """Return one event's name for people; None is all events."""
    if event is None:
        return "All Events"
    known = _EVENTS.get(event)
    return known[0] if known else humanize(event) or "Unnamed Event"


def events_label(event: str | None) -> str:
    """Return the name of many of one event: `Pageviews`, `User Signed Up Events`."""
    if event is None:
        return "All Events"
    known = _EVENTS.get(event)
    if known:
        return known[1]
    label = humanize(event) or "Unnamed"
    return label if label.lower().endswith(("events", "views", "clicks")) else f"{label} Events"


def property_label(key: object) -> str:
    """Return a property's name for people."""
    text = str(key)
    return _PROPERTIES.get(text) or humanize(text.rsplit("properties.", 1)[-1]) or "Property"


def path_label(text: str) -> str:
    """Return a page or event as a path point: a URL as its path, an event by its label."""
    path = re.sub(r"^[a-z]+://[^/?#\s]*", "", text.strip(), flags=re.IGNORECASE)
    if path != text.strip() or text.startswith("/"):
        return shorten_label(clean_label(re.sub(r"[?#].*", "", path)) or "/")
    return event_label(text)


def period_text(date_from: str | None, date_to: str | None) -> str:
    """Return a date range in words: `over the last 30 days`, `since the start of this month`."""
    start = date_from or "-7d"
    if date_to and not _RELATIVE.match(date_to):
        return f"until {_date(date_to)}" if start == "all" else f"from {_point(start)} to {_date(date_to)}"
    if date_to and start != "all":
        return f"from {_point(start)} to {_point(date_to)}"
    if start == "all":
        return "over all time"
    found = _RELATIVE.match(start)
    if not found:
        return f"since {_date(start)}"
    if found["pin"]:
        return "today" if found["unit"] == "d" and not found["count"] else f"since {_point(start)}"
    return f"over the last {count_of(int(found['count'] or 1), _UNITS[found['unit']])}"


def count_of(number: int, unit: str) -> str:
    """Return `1 day`, `7 days`; a single unit after "the last" needs no number."""
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _point(date: str) -> str:
    found = _RELATIVE.match(date)
    if not found:
        return _date(date)
    unit, count = _UNITS[found["unit"]], int(found["count"] or 0)
    if found["pin"]:
        whole = f"the {found['pin'].lower()} of"
        return f"{whole} {f'the {unit} {count_of(count, unit)} ago' if count else f'this {unit}'}"
    return f"{count_of(count or 1, unit)} ago"


def _date(text: str) -> str:
    return clean(text)[:25]


def _capitalize(word: str, *, inner: bool) -> str:
    lower = word.lower()
    if lower in _OWN_SPELLING:
        return _OWN_SPELLING[lower]
    if inner and lower in _SMALL:
        return lower
    if lower in _CAPITALS:
        return word.upper()
    return word if any(letter.isupper() for letter in word[1:]) else word[:1].upper() + word[1:]
