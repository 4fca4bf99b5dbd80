"""`data-schema`: ranked by use, found by meaning, and one call for all that a question needs."""

import json

import pytest

from insights_mcp.server.discovery.matching import Candidate, find_matches, read_wanted
from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens
from tests.upstream import KEY, Key, Upstream, answered

pytestmark = pytest.mark.anyio

EVENTS = (
    ("document_created", 1867),
    ("document_shared", 1132),
    ("signed_up", 437),
    ("inviteSent", 410),
    ("checkout_started", 122),
    ("subscription_started", 73),
    ("payment_error", 20),
    ("subscription_cancelled", 11),
    ("$pageview", 6714),
    ("$autocapture", 437),
)
BUYING = ("checkout_started", "subscription_started", "payment_error")


def writing_app() -> Upstream:
    """Return a project of an app where people write documents together."""
    upstream = Upstream()
    for name, count in EVENTS:
        upstream.add_event(name, count=count)
    everywhere = tuple(name for name, _ in EVENTS)
    upstream.add_property("method", events=("signed_up",), values=("google", "email", "github"))
    upstream.add_property("channel", events=("signed_up",), values=("search", "ads"))
    upstream.add_property("plan", events=BUYING, values=("team", "business"))
    upstream.add_property("revenue", "Numeric", events=("subscription_started",), values=(60, 24, 36))
    upstream.add_property("template", events=("document_created",), values=("blank", "meeting notes"))
    upstream.add_property("$browser", events=everywhere, values=("Chrome", "Safari"))
    upstream.add_property("$geoip_country_code", events=everywhere, values=("US", "DE"))
    upstream.add_property("$device_type", events=("signed_up",), values=("Desktop", "Mobile"))
    upstream.add_property("$session_id", events=everywhere, values=tuple(f"s{number}" for number in range(200)))
    upstream.add_property("email", type="person", values=("ada@example.com",))
    upstream.add_property("company_size", type="person", values=("1-10", "11-50"))
    return upstream


TOPICS = {
    "signups by country": ("signed_up", "$geoip_country_code"),
    "how many people signed up each week": ("signed_up", '"math":"dau"'),
    "registrations via google": ("signed_up", '"key":"method","value":["google"]'),
    "singups": ("signed_up", "TrendsQuery"),
    "signup to paid": ("signed_up", '"event":"subscription_started"'),
    "average revenue by plan": ("subscription_started", '"math":"avg","math_property":"revenue"'),
    "page views": ("$pageview", "TrendsQuery"),
    "churn": ("subscription_cancelled", "TrendsQuery"),
    "failed payments by browser": ("payment_error", '"breakdown":"$browser"'),
    "invited colleagues": ("inviteSent", "TrendsQuery"),
    "retention of those who share documents": ("document_shared", '"kind":"RetentionQuery"'),
    "signups on mobile": ("signed_up", '"key":"$device_type","value":["Mobile"]'),
    "stickiness of sharing": ("document_shared", '"kind":"StickinessQuery"'),
    "what paths follow a signup": ("signed_up", '"startPoint":"signed_up"'),
    "lifecycle of signups": ("signed_up", '"kind":"LifecycleQuery"'),
    "active users each week": ("$pageview", '"math":"dau"'),
    "documents shared by company size": ("document_shared", '"breakdown":"company_size","breakdown_type":"person"'),
}


@pytest.mark.parametrize("search", TOPICS)
async def test_topic_is_answered_with_a_query_that_runs(search: str) -> None:
    event, part = TOPICS[search]
    async with connect(writing_app()) as client:
        text = await use(client, "data-schema", search=search)
        ready = json.loads(text.rsplit("Ready for query-run: ", 1)[1])
        await use(client, "query-run", **ready)
    compact = json.dumps(ready, separators=(",", ":"))
    assert f'"{event}"' in compact
    assert part in compact
    assert count_tokens(text) <= 450


async def test_topic_is_told_as_reviewed() -> None:
    async with connect(writing_app()) as client:
        texts = [await use(client, "data-schema", search=search) for search in TOPICS]
    told = "\n\n".join(f"> {search}\n{text}" for search, text in zip(TOPICS, texts, strict=True))
    assert_snapshot("answers/schema-of-topics.txt", told)


async def test_topic_costs_five_requests_and_none_within_the_next_minute() -> None:
    upstream = writing_app()
    async with connect(upstream) as client:
        await use(client, "data-schema", search="signups")
        first = [request for request in upstream.requests if "/users/" not in request.url.path]
        await use(client, "data-schema", search="signups")
    assert len(first) <= 5
    assert len(upstream.requests) <= len(first) + 1


async def test_events_come_by_use_with_the_own_ones_first() -> None:
    async with connect(writing_app()) as client:
        text = await use(client, "data-schema")
    names = [line.split(",")[0] for line in text.splitlines()[2:]]
    assert names == [name for name, _ in EVENTS]
    assert "$pageview,6714" in text


async def test_hidden_event_comes_last() -> None:
    upstream = writing_app()
    upstream.add_event("old_noise", count=9000, hidden=True)
    async with connect(upstream) as client:
        lines = (await use(client, "data-schema")).splitlines()
    assert lines.index("old_noise,9000,2026-09-14") > lines.index("subscription_cancelled,11,2026-09-14")


@pytest.mark.parametrize("era", ERAS)
async def test_events_that_cannot_be_counted_are_listed_as_the_api_orders_them(era: str) -> None:
    upstream = writing_app()
    upstream.fail_next(answered(500), on="POST .*/query", times=9)
    async with connect(upstream, era=era) as client:
        text = await use(client, "data-schema")
    assert "Not counted (the query failed): the latest seen first." in text
    assert "30 days" not in text
    assert text.splitlines()[2].startswith("document_created,")


async def test_key_without_the_right_to_query_still_sees_names_and_types() -> None:
    upstream = writing_app()
    upstream.keys[KEY] = Key(scopes=frozenset({"event_definition:read", "property_definition:read"}))
    async with connect(upstream) as client:
        text = await use(client, "data-schema", search="signups by method")
    assert "Values could not be sampled (the key lacks query:read)." in text
    assert "method,String" in text
    assert '"breakdown"' not in text


async def test_key_without_the_right_to_definitions_sees_what_was_counted() -> None:
    upstream = writing_app()
    upstream.keys[KEY] = Key(scopes=frozenset({"query:read"}))
    async with connect(upstream) as client:
        assert "signed_up,437" in await use(client, "data-schema")
        assert "method,String,google email github" in await use(client, "data-schema", search="signups")


async def test_key_without_any_right_is_told_which_it_lacks() -> None:
    upstream = writing_app()
    upstream.keys[KEY] = Key(scopes=frozenset({"insight:read"}))
    async with connect(upstream) as client:
        assert "event_definition:read" in await refused(client, "data-schema")


async def test_peoples_own_values_are_named_and_not_shown() -> None:
    async with connect(writing_app()) as client:
        text = await use(client, "data-schema", type="person")
    assert "email,String" in text
    assert "ada@example.com" not in text
    assert "1-10 11-50" in text


@pytest.mark.parametrize("max_tokens", [200, 400, 1000])
async def test_answer_fits_the_budget_and_says_what_was_left_out(max_tokens: int) -> None:
    upstream = writing_app()
    for number in range(400):
        upstream.add_event(f"signup_step_{number}", count=number)
        upstream.add_property(f"signup_detail_{number}", events=("signed_up",), values=("one value", "another value"))
    async with connect(upstream) as client:
        listed = await use(client, "data-schema", limit=200, max_tokens=max_tokens)
        topic = await use(client, "data-schema", search="signup", max_tokens=max_tokens)
        properties = await use(client, "data-schema", event=["signed_up"], limit=200, max_tokens=max_tokens)
    assert all(count_tokens(text) <= max_tokens for text in (listed, topic, properties))
    assert "Next page: offset=" in listed
    assert "Next page: offset=" in properties
    assert "kind=events lists them all" in topic
    assert "Ready for query-run" in topic


async def test_pages_follow_one_another() -> None:
    async with connect(writing_app()) as client:
        first = await use(client, "data-schema", limit=4)
        second = await use(client, "data-schema", limit=4, offset=4)
    assert first.startswith("4 of 10 events")
    assert "Next page: offset=4." in first
    assert second.splitlines()[2].startswith("checkout_started,")


async def test_value_that_is_misspelt_is_told_with_the_nearest() -> None:
    async with connect(web_shop()) as client:
        text = await use(client, "data-schema", property="plan", search="teem")
    assert text == "No value of event property plan fits teem. Did you mean team?"


async def test_event_beyond_those_remembered_is_asked_for() -> None:
    upstream = Upstream()
    for number in range(1000):
        upstream.add_event(f"step_{number}", count=1)
    upstream.add_event("refund_granted", count=0)
    async with connect(upstream) as client:
        assert "refund_granted" in await use(client, "data-schema", search="refund")


KNOWN = [name for name, _ in EVENTS] + [
    "UserLoggedIn",
    "fileUploaded",
    "cart_item_added",
    "video-watched",
    "Trial Extended",
]
FOUND = [
    ("sign up", "signed_up"),
    ("createAccount", "signed_up"),
    ("log in", "UserLoggedIn"),
    ("logins", "UserLoggedIn"),
    ("uploading a file", "fileUploaded"),
    ("basket", "cart_item_added"),
    ("watch videos", "video-watched"),
    ("chekout", "checkout_started"),
    ("cancellations", "subscription_cancelled"),
    ("how many users paid", "subscription_started"),
    ("payments failing", "payment_error"),
    ("visits", "$pageview"),
    ("pagevew", "$pageview"),
    ("clicks", "$autocapture"),
    ("referrals", "inviteSent"),
    ("doc", "document_created"),
    ("ument", "document_created"),
    ("trials extended", "Trial Extended"),
]


@pytest.mark.parametrize(("search", "name"), FOUND)
def test_name_is_found_by_the_meaning_of_words(search: str, name: str) -> None:
    counts = dict(EVENTS)
    candidates = [Candidate(one, use=counts.get(one, 0) / 6714, is_internal=one.startswith("$")) for one in KNOWN]
    assert find_matches(read_wanted(search), candidates)[0].name == name


@pytest.mark.parametrize("search", ["zzz", "", "???", "where do penguins live", "\u202e"])
def test_nothing_is_found_for_what_is_not_there(search: str) -> None:
    assert find_matches(read_wanted(search), [Candidate(one) for one in KNOWN]) == []
