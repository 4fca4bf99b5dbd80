"""Skewed events for `queries.py`, made by the engine itself, and kept in a data directory for the next run.

Zipf-like persons (one per 20 events), sessions of one to eight events, skewed names, pages, browsers and plans, 90 days
that end at NOW. One person in ten began with another distinct id. Of these merges the last 1,000 are not yet written
into the events, as in a project that collects events: their rows stand in person_distinct_id_overrides.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.local.engine import open_engine
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import Sightings, record_sightings
from insights_mcp.local.store.projects import Team, get_project

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

NOW = datetime(2026, 6, 30, 15, 20, tzinfo=UTC)
DAYS = 90
TEAM = 1
MERGES_LEFT = 1_000
_BATCH = 1_000_000
_NUMBERS = {"revenue": "Numeric", "load_ms": "Numeric", "plan": "String", "is_trial": "Boolean"}

# Names with the share of events up to and with them, in thousandths.
_EVENTS = (
    ("$pageview", 450), ("$autocapture", 640), ("$pageleave", 750), ("item viewed", 830), ("searched", 880),
    ("added to cart", 920), ("checkout started", 940), ("signed up", 952), ("purchased", 964), ("item shared", 974),
    ("coupon applied", 982), ("review written", 988), ("support opened", 992), ("plan changed", 996),
    ("$exception", 1000),
)  # fmt: skip
_BROWSERS = (("Chrome", 620), ("Safari", 820), ("Firefox", 890), ("Edge", 950), ("Opera", 980), ("Samsung", 1000))
_SYSTEMS = (("Mac OS X", 350), ("Windows", 650), ("iOS", 800), ("Android", 950), ("Linux", 1000))
_COUNTRIES = (("US", 420), ("DE", 560), ("GB", 660), ("FR", 740), ("IN", 830), ("BR", 900), ("JP", 950), ("CA", 1000))
_SOURCES = (("google", 300), ("newsletter", 420), ("twitter", 480), ("", 1000))
_PLANS = (("free", 700), ("pro", 920), ("team", 985), ("enterprise", 1000))


@dataclass(frozen=True)
class Project:
    """A project full of events, open."""

    rows: int
    persons: int
    engine: "Engine"
    store: Store
    team: Team

    def close(self) -> None:
        self.engine.close()
        self.store.close()


def default_directory() -> Path:
    return Path(tempfile.gettempdir()) / "insights-mcp-benchmark"


def open_project(directory: Path, rows: int, *, is_merged: bool) -> Project:
    """Open the project of so many events, made now if it is not there yet."""
    place = directory / f"events-{rows}"
    place.mkdir(parents=True, exist_ok=True)
    engine = open_engine(place)
    store = Store.open(place / "insights.db", clock=lambda: NOW)
    persons = max(rows // 20, 1)
    _fill(engine, rows, persons)
    _define(store, is_merged=is_merged)
    with store.read() as db:
        team = get_project(db, TEAM)
    assert team is not None
    return Project(rows, persons, engine, store, team)


def _fill(engine: "Engine", rows: int, persons: int) -> None:
    if engine.command(f"SELECT count() FROM insights.events WHERE team_id = {TEAM}").rows[0][0] == rows:
        return
    for table in ("events", "persons", "person_distinct_ids", "person_distinct_id_overrides"):
        engine.command(f"TRUNCATE TABLE insights.{table}")
    for statement in _persons_sql(persons):
        engine.command(statement)
    for start in range(0, rows, _BATCH):
        engine.command(_events_sql(start, min(_BATCH, rows - start), persons))
        print(f"  made {min(start + _BATCH, rows):,} of {rows:,} events", flush=True)
    for table in ("events", "persons", "person_distinct_ids"):
        engine.command(f"OPTIMIZE TABLE insights.{table} FINAL")


def _define(store: Store, *, is_merged: bool) -> None:
    """Tell the store the types of properties, and whether merges are left."""
    sightings = Sightings()
    for name, kind in _NUMBERS.items():
        sightings.see_property("event", name, kind)
    sightings.see_property("person", "seats", "Numeric")
    with store.write() as db:
        record_sightings(db, TEAM, sightings, NOW)
        db.execute("INSERT OR IGNORE INTO persons (id, team_id, uuid, created_at, version) VALUES (1, 1, x'00', 0, 1)")
        db.execute(
            "INSERT INTO person_distinct_ids (team_id, distinct_id, person_id, is_override, version)"
            " VALUES (1, 'merged', 1, ?, 1) ON CONFLICT DO UPDATE SET is_override = excluded.is_override",
            (int(is_merged),),
        )


def _chance(salt: str, number: str) -> str:
    """Return a number from 0 to 1 that is the same for the same row."""
    return f"cityHash64({number}, '{salt}') / 18446744073709551616."


def _one_of(shares: tuple[tuple[str, int], ...], chance: str) -> str:
    choices = ", ".join(f"{chance} < {share / 1000}, '{value}'" for value, share in shares[:-1])
    return f"multiIf({choices}, '{shares[-1][0]}')"


def _person_id(number: str) -> str:
    return f"reinterpretAsUUID(sipHash128({number}, 'person'))"


def _seen_first(person: str) -> str:
    """Return the day of the range that a person came first; four in ten were there before."""
    return f"toUInt32(greatest(0, ({_chance('first', person)} - 0.4) / 0.6) * {DAYS - 1})"


def _persons_sql(persons: int) -> list[str]:
    created = f"toDateTime64('{NOW:%Y-%m-%d}', 6, 'UTC') - toIntervalDay({DAYS} - {_seen_first('number')})"
    properties = (
        f'concat(\'{{"email": "user\', toString(number), \'@mail.example", "plan": "\','
        f' {_one_of(_PLANS, _chance("plan", "number"))}, \'", "country": "\','
        f' {_one_of(_COUNTRIES, _chance("country", "number"))}, \'", "seats": \','
        f" toString(1 + cityHash64(number, 'seats') % 40), '}}')"
    )
    people = f"numbers({persons})"
    merged = f"FROM {people} WHERE number % 10 = 3"
    return [
        "INSERT INTO insights.persons (team_id, id, properties, created_at, is_identified, version)"
        f" SELECT {TEAM}, {_person_id('number')}, {properties}, {created}, 1, number + 1 FROM {people}",
        "INSERT INTO insights.person_distinct_ids (team_id, distinct_id, person_id, version)"
        f" SELECT {TEAM}, concat('user-', toString(number)), {_person_id('number')}, number + 1 FROM {people}"
        f" UNION ALL SELECT {TEAM}, concat('anon-', toString(number)), {_person_id('number')}, number + 1 {merged}",
        "INSERT INTO insights.person_distinct_id_overrides (team_id, distinct_id, person_id, version)"
        f" SELECT {TEAM}, concat('anon-', toString(number)), {_person_id('number')}, number + 1 {merged}"
        f" AND number < {10 * MERGES_LEFT}",
    ]


def _events_sql(start: int, count: int, persons: int) -> str:
    """Return the INSERT of the events of these numbers."""
    spread = f"log(1 + {persons} / 100.)"
    return f"""
        INSERT INTO insights.events
            (team_id, uuid, event, properties, timestamp, distinct_id, person_id, elements_chain, created_at)
        WITH
            intDiv(number, 8) * 2 + (number % 8 < 1 + cityHash64(intDiv(number, 8), 'cut') % 8) AS session,
            least({persons} - 1, toUInt32(100 * (exp({_chance("who", "session")} * {spread}) - 1))) AS person,
            {_seen_first("person")} AS first_day,
            first_day + toUInt32({_chance("day", "session")} * ({DAYS} - first_day)) AS day,
            toUInt32(43200 * ({_chance("a", "session")} + {_chance("b", "session")})) AS second,
            toDateTime64('{NOW:%Y-%m-%d}', 6, 'UTC') - toIntervalDay({DAYS - 1}) + toIntervalDay(day)
                + toIntervalSecond(second) AS planned,
            planned - if(planned > toDateTime64('{NOW:%Y-%m-%d %H:%M:%S}', 6, 'UTC'), 86400, 0) AS began,
            began + toIntervalMicrosecond(number % 8 * 20000000 + cityHash64(number, 'moment') % 19000000) AS moment,
            {_one_of(_EVENTS, _chance("event", "number"))} AS name,
            toUInt32(exp({_chance("page", "number")} * log(2000))) AS page,
            person % 10 = 3 AND day < first_day + 3 AS is_anonymous,
            lower(hex(toUnixTimestamp64Milli(began))) AS hex_time,
            lower(hex(sipHash128(session))) AS hex_tail,
            concat(substring(hex_time, 1, 8), '-', substring(hex_time, 9, 4), '-7', substring(hex_tail, 1, 3), '-8',
                substring(hex_tail, 4, 3), '-', substring(hex_tail, 7, 12)) AS session_id
        SELECT
            {TEAM},
            reinterpretAsUUID(sipHash128(number, 'event')),
            name,
            concat(
                '{{"$browser": "', {_one_of(_BROWSERS, _chance("browser", "person"))},
                '", "$os": "', {_one_of(_SYSTEMS, _chance("system", "person"))},
                '", "$device_type": "', if({_chance("device", "person")} < 0.7, 'Desktop', 'Mobile'),
                '", "$current_url": "https://shop.example/page/', toString(page), '?ref=', toString(number % 7),
                '", "$pathname": "/page/', toString(page),
                '", "$host": "shop.example", "$lib": "web", "$geoip_country_code": "',
                {_one_of(_COUNTRIES, _chance("country", "person"))},
                '", "$session_id": "', session_id,
                '", "utm_source": "', {_one_of(_SOURCES, _chance("source", "session"))},
                '", "plan": "', {_one_of(_PLANS, _chance("plan", "person"))},
                '", "is_trial": ', if({_chance("trial", "person")} < 0.2, 'true', 'false'),
                ', "screen_width": ', toString(320 + cityHash64(person) % 2000),
                if(name = '$pageview', concat(', "load_ms": ',
                    toString(80 + toUInt32(pow({_chance("load", "number")}, 4) * 6000))), ''),
                if(name = 'purchased', concat(', "revenue": ',
                    toString(round(5 + 200 * pow({_chance("price", "number")}, 3), 2))), ''),
                if(name IN ('item viewed', 'added to cart'), concat(', "category": "c', toString(page % 30), '"'), ''),
                '}}'
            ),
            moment,
            concat(if(is_anonymous, 'anon-', 'user-'), toString(person)),
            if(is_anonymous AND person < {10 * MERGES_LEFT},
                reinterpretAsUUID(sipHash128(person, 'anonymous')), {_person_id("person")}),
            if(name = '$autocapture',
                concat('button.primary:text="Buy ', toString(page % 50), '"nth-child="2"nth-of-type="1"href="/page/',
                    toString(page), '";div.row:nth-child="1"nth-of-type="1";body:nth-child="2"nth-of-type="1"'), ''),
            moment
        FROM numbers({start}, {count})
    """
