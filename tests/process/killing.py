"""Kill the real local backend while it writes, and see what is left. For a test and for benchmarks/kill_writes.py."""

import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx

from insights_mcp.local.launcher import locate, probe, stop
from insights_mcp.local.owner_directory import OwnerDirectory

MONTHS = ("2026-01-15", "2026-02-15", "2026-03-15")
BATCH = 30
QUERY = {"kind": "HogQLQuery", "query": "SELECT 1"}


@dataclass
class Outcome:
    """What was acknowledged, and what of it was not found afterwards."""

    kills: int = 0
    insights: int = 0
    events: int = 0
    lost_insights: list[str] = field(default_factory=list)
    lost_events: list[str] = field(default_factory=list)
    doubled_events: list[str] = field(default_factory=list)
    # Batches that got no answer and are there in part: allowed, and worth knowing.
    partial_batches: int = 0
    slowest_restart: float = 0.0


@dataclass
class _Round:
    """One life of the backend."""

    name: str
    insights: list[str] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    unanswered: list[list[str]] = field(default_factory=list)


async def kill_repeatedly(
    data_dir: Path, kills: int, write_seconds: float, report: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Start the backend, write to it, kill it, start it again and look; `kills` times over."""
    outcome = Outcome()
    rng = random.Random(7)
    rounds: list[_Round] = []
    try:
        for number in range(kills):
            done = _Round(f"round-{number}")
            async with await _connect(data_dir) as client:
                await _write_until_killed(client, data_dir, done, rng.uniform(0.1, write_seconds))
            rounds.append(done)
            begin = time.monotonic()
            async with await _connect(data_dir) as client:
                outcome.slowest_restart = max(outcome.slowest_restart, time.monotonic() - begin)
                await _look(client, done, outcome)
            report(
                f"kill {number + 1}: {len(done.insights)} insights, {sum(map(len, done.batches))} events acknowledged;"
                f" {len(outcome.lost_insights)} and {len(outcome.lost_events)} lost so far"
            )
        async with await _connect(data_dir) as client:
            for done in rounds:  # and nothing that survived one kill went with a later one
                await _look(client, done, outcome, counts=False)
    finally:
        await stop(data_dir)
    return outcome


async def _connect(data_dir: Path) -> httpx.AsyncClient:
    command = [sys.executable, "-m", "insights_mcp", "backend", "--data-dir", str(data_dir), "--idle-seconds", "60"]
    found = await locate(data_dir, command, deadline_seconds=60)
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=found.socket_path),
        base_url="http://localhost",
        headers={"Authorization": f"Bearer {found.api_key}"},
        timeout=30,
    )


async def _write_until_killed(client: httpx.AsyncClient, data_dir: Path, done: _Round, seconds: float) -> None:
    token = (await client.get("/api/projects/1/")).json()["api_token"]
    owner = await probe(data_dir)
    assert owner is not None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_create_insights, client, done)
        tasks.start_soon(_capture_events, client, token, done)
        tasks.start_soon(_capture_events, client, token, done)
        with anyio.fail_after(30):
            while True:
                await anyio.sleep(0.01)
                if done.insights and done.batches:
                    break
        await anyio.sleep(seconds)
        os.kill(owner.pid, signal.SIGKILL)
    with anyio.fail_after(10):
        while True:
            if not OwnerDirectory(data_dir).is_owned():
                return
            await anyio.sleep(0.01)


async def _create_insights(client: httpx.AsyncClient, done: _Round) -> None:
    number = 0
    while True:
        name = f"{done.name} insight {number}"
        number += 1
        try:
            answer = await client.post("/api/projects/1/insights/", json={"name": name, "query": QUERY})
        except httpx.TransportError:
            return
        assert answer.status_code == 201, answer.text
        done.insights.append(name)


async def _capture_events(client: httpx.AsyncClient, token: str, done: _Round) -> None:
    while True:
        ids = [str(uuid.uuid4()) for _ in range(BATCH)]
        batch = [
            {
                "uuid": one,
                "event": done.name,
                "distinct_id": f"user-{index % 5}",
                "timestamp": f"{MONTHS[index % len(MONTHS)]}T12:00:00Z",
                "properties": {"$browser": "Chrome", "number": index},
            }
            for index, one in enumerate(ids)
        ]
        try:
            answer = await client.post("/batch/", json={"api_key": token, "historical_migration": True, "batch": batch})
        except httpx.TransportError:
            done.unanswered.append(ids)
            return
        assert answer.status_code == 200, answer.text
        done.batches.append(ids)


async def _look(client: httpx.AsyncClient, done: _Round, outcome: Outcome, *, counts: bool = True) -> None:
    names = await _insight_names(client, done.name)
    found = await _event_counts(client, done.name)
    acknowledged = [one for batch in done.batches for one in batch]
    outcome.lost_insights += [name for name in done.insights if name not in names]
    outcome.lost_events += [one for one in acknowledged if one not in found]
    outcome.doubled_events += [one for one, count in found.items() if count > 1]
    if counts:
        outcome.kills += 1
        outcome.insights += len(done.insights)
        outcome.events += len(acknowledged)
        outcome.partial_batches += sum(0 < sum(one in found for one in batch) < BATCH for batch in done.unanswered)


async def _insight_names(client: httpx.AsyncClient, prefix: str) -> set[str]:
    answer = await client.get(
        "/api/projects/1/insights/", params={"search": f"{prefix} insight", "limit": 1000, "basic": "true"}
    )
    assert answer.status_code == 200, answer.text
    return {row["name"] for row in answer.json()["results"]}


async def _event_counts(client: httpx.AsyncClient, event: str) -> dict[str, int]:
    query = {
        "kind": "HogQLQuery",
        "query": "SELECT toString(uuid), count() FROM events WHERE event = {event} GROUP BY uuid LIMIT 50000",
        "values": {"event": event},
    }
    answer = await client.post("/api/projects/1/query/", json={"query": query, "refresh": "force_blocking"})
    assert answer.status_code == 200, answer.text
    return {str(one): int(count) for one, count in answer.json()["results"]}
