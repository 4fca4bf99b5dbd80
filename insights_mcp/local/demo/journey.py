"""What one visitor of the demo product does: looks around, signs up, writes and shares, pays, comes back, leaves.

The planted drop: since `DROP_DAYS` ago the payment form stays blank in Safari 26. `payment_error` comes between
`checkout_started` and the `subscription_started` that then rarely follows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from insights_mcp.local.demo.visitors import Visitor

DROP_DAYS = 24
BROKEN_BROWSERS = frozenset({"Safari", "Mobile Safari"})
BROKEN_VERSION = 26
HOST = "quill.example"
PRICES = {"team": 12, "business": 24}

_LANDING = ("/", "/", "/", "/pricing", "/blog/writing-together", "/blog/fewer-meetings", "/templates")
_LOOKING = ("/pricing", "/features", "/templates", "/docs", "/customers")
_IN_APP = ("/app", "/app/documents", "/app/documents", "/app/search", "/app/settings")


@dataclass
class Journey:
    """One visitor's events so far. `events` are payloads as an SDK sends them, in order of time."""

    visitor: Visitor
    rng: Random
    now: datetime
    clock: datetime
    events: list[dict[str, object]] = field(default_factory=list)
    distinct_id: str = ""
    session_id: str = ""
    is_paying: bool = False

    def __post_init__(self) -> None:
        self.distinct_id = self.visitor.anonymous_id

    def open_session(self, at: datetime) -> None:
        """Begin a session at this moment."""
        self.clock = at
        self.session_id = str(_uuid7(at, self.rng))

    def do(self, event: str, properties: Mapping[str, object] | None = None, *, path: str | None = None) -> None:
        """Record an event, some time after the one before."""
        self.clock += timedelta(seconds=self.rng.expovariate(1 / 40) + 1)
        if self.clock >= self.now:
            return
        visitor = self.visitor
        where = {"$current_url": f"https://{HOST}{path}", "$pathname": path, "$host": HOST} if path else {}
        self.events.append(
            {
                "event": event,
                "distinct_id": self.distinct_id,
                "uuid": str(_uuid7(self.clock, self.rng)),
                "timestamp": self.clock.isoformat(),
                "properties": {
                    "$session_id": self.session_id,
                    "$lib": "web",
                    "$browser": visitor.browser,
                    "$browser_version": visitor.browser_version,
                    "$os": visitor.system,
                    "$device_type": visitor.device_type,
                    "$geoip_country_code": visitor.country,
                    **where,
                    **({"$groups": {"company": visitor.company}} if visitor.company and self.is_signed_up else {}),
                    **(properties or {}),
                },
            }
        )

    @property
    def is_signed_up(self) -> bool:
        """Return whether the visitor has an account by now."""
        return self.distinct_id == self.visitor.user_id


def travel(visitor: Visitor, start: datetime, now: datetime, rng: Random) -> Journey:
    """Return all that a visitor does between `start` and `now`."""
    journey = Journey(visitor, rng, now, start)
    _look_around(journey, start)
    if rng.random() < visitor.channel.signs_up:
        _sign_up(journey)
        is_active = _try_it(journey)
        checkout_after = rng.randrange(2, 30) if is_active and rng.random() < 0.6 else None
        _come_back(journey, start, is_active=is_active, checkout_after=checkout_after)
        journey.events.sort(key=lambda event: str(event["timestamp"]))  # a checkout may go on into later visits
    return journey


def _look_around(journey: Journey, start: datetime) -> None:
    rng, channel = journey.rng, journey.visitor.channel
    journey.open_session(start)
    arrival: dict[str, object] = {"$referring_domain": channel.referring_domain}
    if channel.utm_source:
        arrival["utm_source"] = channel.utm_source
    journey.do("$pageview", arrival, path=rng.choice(_LANDING))
    while rng.random() < 0.45:
        journey.do("$pageview", path=rng.choice(_LOOKING))


def _sign_up(journey: Journey) -> None:
    visitor, rng = journey.visitor, journey.rng
    journey.do("$pageview", path="/signup")
    journey.do("$autocapture", _click("Start free", "/signup"), path="/signup")
    about = {"email": visitor.email, "name": visitor.name, "plan": "free", "country": visitor.country}
    anonymous, journey.distinct_id = journey.distinct_id, visitor.user_id
    first = {"initial_channel": visitor.channel.name, "signed_up_at": journey.clock.isoformat()}
    journey.do("$identify", {"$anon_distinct_id": anonymous, "$set": about, "$set_once": first})
    if visitor.company:
        group = {"name": visitor.company.title(), "industry": visitor.industry, "size": visitor.company_size}
        identify = {"$group_type": "company", "$group_key": visitor.company, "$group_set": group}
        journey.do("$groupidentify", identify)
    method = rng.choice(("google", "google", "email", "github"))
    journey.do("signed_up", {"method": method, "channel": visitor.channel.name, "plan": "free"}, path="/welcome")


def _try_it(journey: Journey) -> bool:
    """Write a first document and perhaps share it; whoever shares stays."""
    rng = journey.rng
    if rng.random() > 0.72:
        return False
    journey.do("document_created", {"template": rng.choice(("blank", "meeting notes", "brief"))}, path="/app/documents")
    if rng.random() > 0.66:
        return False
    journey.do("document_shared", {"people": rng.randrange(1, 6)}, path="/app/documents")
    return True


def _come_back(journey: Journey, start: datetime, *, is_active: bool, checkout_after: int | None) -> None:
    rng = journey.rng
    keeps, fades = (0.78, 0.95) if is_active else (0.2, 0.6)
    checkout_at = start + timedelta(days=checkout_after) if checkout_after is not None else None
    for week in range(1, int((journey.now - start).days / 7) + 2):
        for at in _sessions_of_week(start + timedelta(weeks=week - 1), keeps * fades**week, rng):
            if checkout_at and at >= checkout_at:
                _check_out(journey, checkout_at)
                checkout_at = None
            _work(journey, at)
        if journey.is_paying and rng.random() < 0.012:
            journey.do("subscription_cancelled", {"reason": rng.choice(("price", "missing feature", "other"))})
            return
    if checkout_at:
        _check_out(journey, checkout_at)


def _sessions_of_week(monday: datetime, likely: float, rng: Random) -> Iterator[datetime]:
    if rng.random() > likely:
        return
    days = sorted(rng.sample(range(7), rng.choice((1, 1, 2, 3))))
    for day in days:
        at = monday + timedelta(days=day, hours=rng.uniform(0.3, 7))
        if at.weekday() < 5 or rng.random() < 0.3:
            yield at


def _work(journey: Journey, at: datetime) -> None:
    rng = journey.rng
    journey.open_session(at)
    journey.do("$pageview", path=rng.choice(_IN_APP))
    if rng.random() < 0.6:
        journey.do("document_created", {"template": rng.choice(("blank", "blank", "meeting notes", "brief"))})
    if rng.random() < 0.35:
        journey.do("document_shared", {"people": rng.randrange(1, 9)})
    if rng.random() < 0.15:
        journey.do("invite_sent", {"via": rng.choice(("email", "link"))})


def _check_out(journey: Journey, at: datetime) -> None:
    rng, visitor = journey.rng, journey.visitor
    plan = visitor.wants_plan
    seats = rng.choice((1, 2, 3, 5, 8, 20))
    journey.open_session(at)
    journey.do("$pageview", path="/pricing")
    journey.do("checkout_started", {"plan": plan, "seats": seats}, path="/checkout")
    if journey.clock >= journey.now:
        return
    if _is_broken(journey):
        journey.do("payment_error", {"error_code": "form_blank", "plan": plan}, path="/checkout")
    _think_it_over(journey)
    if rng.random() < (0.12 if _is_broken(journey) else 0.74):
        paid = {"plan": plan, "seats": seats, "revenue": seats * PRICES[plan], "$set": {"plan": plan}}
        journey.do("subscription_started", paid, path="/checkout/done")
        journey.is_paying = True


def _think_it_over(journey: Journey) -> None:
    """Everybody compares once more before the payment, and many work on first, so that only the error tells buyers."""
    rng = journey.rng
    journey.do("$pageview", path="/checkout/review")
    if rng.random() < 0.5:
        _work(journey, journey.clock + timedelta(hours=rng.uniform(0.5, 30)))
        journey.open_session(journey.clock + timedelta(hours=rng.uniform(0.1, 12)))
        journey.do("$pageview", path="/checkout/review")


def _is_broken(journey: Journey) -> bool:
    visitor = journey.visitor
    is_affected = visitor.browser in BROKEN_BROWSERS and visitor.browser_version == BROKEN_VERSION
    return is_affected and journey.clock >= journey.now - timedelta(days=DROP_DAYS)


def _click(text: str, href: str) -> dict[str, object]:
    button = {"tag_name": "a", "$el_text": text, "attr__href": href, "attr__class": "button primary", "nth_child": 2}
    return {"$event_type": "click", "$elements": [button, {"tag_name": "main", "nth_child": 1}]}


def _uuid7(at: datetime, rng: Random) -> UUID:
    """Return a UUID of version 7 from a seeded generator: sessions need the time inside (facts/queries.md 2)."""
    value = int(at.timestamp() * 1000) << 80 | rng.getrandbits(80)
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
