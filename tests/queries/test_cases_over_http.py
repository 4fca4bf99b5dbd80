"""The same cases, asked of an engine over HTTP: our own process, and a real ClickHouse server where one is given.

Only the way there differs, so the suite asks every third of them of our own; with `ALL_CASES=1` it asks all.
"""

import os
from pathlib import Path

import pytest

from insights_mcp.local.engine.base import Engine
from tests.conftest import CLICKHOUSE_URL
from tests.queries.test_cases import FILES, check_case

ASKED = FILES if os.environ.get("ALL_CASES") or CLICKHOUSE_URL else FILES[::3]


@pytest.mark.parametrize("path", ASKED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case_is_answered_over_http_as_well(path: Path, http_engine: Engine, tmp_path: Path) -> None:
    check_case(path, http_engine, tmp_path)


@pytest.mark.skipif(CLICKHOUSE_URL is None, reason="INSIGHTS_CLICKHOUSE_URL names no ClickHouse server")
@pytest.mark.parametrize("path", FILES if CLICKHOUSE_URL else FILES[:1], ids=lambda path: path.stem)
def test_case_is_answered_by_a_clickhouse_server(path: Path, server_engine: Engine, tmp_path: Path) -> None:
    check_case(path, server_engine, tmp_path)
