"""The server engine's own matters: its address, its errors, the statements it may send twice."""

from pathlib import Path
from urllib.parse import quote

import pytest

from insights_mcp.local.engine import open_engine
from insights_mcp.local.engine.base import EngineError, EngineUnavailable
from insights_mcp.local.engine.server import ServerAddress
from tests.clickhouse_http import PASSWORD, USER, ClickHouseStandIn
from tests.conftest import CLICKHOUSE_URL


def test_address_is_read_from_the_url() -> None:
    address = ServerAddress.parse("https://me%40x:p%2Fw@db.example:9443/app?cluster=main")
    assert address == ServerAddress(True, "db.example", 9443, "me@x", "p/w", "app", "main")
    assert "p/w" not in repr(address)


def test_url_without_details_means_the_default_user_and_our_database() -> None:
    assert ServerAddress.parse("http://db.example") == ServerAddress(
        False, "db.example", 8123, "default", "", "insights", None
    )


def test_wrong_password_is_told_without_it(stand_in: ClickHouseStandIn) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        open_engine(Path("/unused"), f"http://{USER}:wrong-secret@127.0.0.1:{stand_in.port}/insights")
    assert "Authentication failed" in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


def test_server_that_is_not_there_is_told_without_its_address() -> None:
    with pytest.raises(EngineUnavailable) as caught:
        open_engine(Path("/unused"), f"http://{USER}:secret@127.0.0.1:1/insights")
    assert str(caught.value) == "The ClickHouse server does not answer."


def test_cluster_gets_its_own_statements(stand_in: ClickHouseStandIn) -> None:
    """The embedded engine has no Keeper, so the first of them is refused: that it was sent is what can be shown."""
    url = f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{stand_in.port}/insights?cluster=main"
    with pytest.raises(EngineError) as caught:
        open_engine(Path("/unused"), url)
    assert "cluster" in str(caught.value).lower() or "Replicated DDL" in str(caught.value)


@pytest.mark.skipif(CLICKHOUSE_URL is None, reason="INSIGHTS_CLICKHOUSE_URL names no ClickHouse server")
def test_real_server_has_our_tables(server_engine: object) -> None:
    assert server_engine is not None
