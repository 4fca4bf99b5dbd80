"""The real `posthog` package as the sender, against a real server on loopback."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from posthog import Posthog

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from tests.events.conftest import Reader, SettableClock


@pytest.fixture
def address(backend: Backend, clock: SettableClock) -> Iterator[str]:
    clock.now = datetime.now(UTC)  # the SDK says when it sent by its own clock
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = create_app(backend, api_key="phx_of_these_tests")
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.mark.parametrize("mode", ["v0", "v1"])
@pytest.mark.parametrize("zipped", [True, False])
def test_events_of_the_real_sdk_arrive_with_their_persons_and_groups(
    address: str, reader: Reader, mode: str, zipped: bool
) -> None:
    errors: list[Exception] = []
    sdk = Posthog("phc_x", host=address, gzip=zipped, capture_mode=mode, on_error=lambda error, _: errors.append(error))
    moment = datetime(2026, 10, 1, 8, tzinfo=UTC)
    sdk.capture("visited", distinct_id="anon", properties={"page": 1}, timestamp=moment)
    sdk.capture("bought", distinct_id="ann", properties={"total": 9.5}, groups={"company": "acme"}, timestamp=moment)
    sdk.set(distinct_id="ann", properties={"plan": "pro"})
    sdk.set_once(distinct_id="ann", properties={"plan": "free", "source": "ad"})
    sdk.alias(previous_id="ann", distinct_id="anon")
    sdk.group_identify("company", "acme", {"seats": 5})
    sdk.capture("browsed", properties={"x": 1})
    sdk.shutdown()
    assert errors == []
    events = {event.event: event for event in reader.events()}
    assert set(events) == {"visited", "bought", "$set", "$set_once", "$create_alias", "$groupidentify", "browsed"}
    assert events["visited"].person_id == events["bought"].person_id
    assert {"plan": "pro", "source": "ad"}.items() <= reader.persons()[events["bought"].person_id].items()
    assert events["bought"].properties["$group_0"] == "acme"
    assert events["bought"].properties["$lib"] == "posthog-python"
    assert events["browsed"].person_mode == "propertyless"
    assert abs(events["visited"].timestamp - moment) < timedelta(seconds=10)


def test_flags_of_the_real_sdk_are_answered_with_none(address: str) -> None:
    sdk = Posthog("phc_x", host=address)
    try:
        assert sdk.get_all_flags("ann") == {}
        assert not sdk.evaluate_flags("ann").is_enabled("new-checkout")
    finally:
        sdk.shutdown()
