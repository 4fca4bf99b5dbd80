"""The column store: ClickHouse, embedded (chDB) or as a server, behind one small interface."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine


def open_engine(data_dir: Path, clickhouse_url: str | None = None) -> "Engine":
    """Open the engine of a data directory, or the server at `clickhouse_url`, with its tables made.

    Raises ExtraMissing without the `local` extra, EngineBusy when another process owns the directory, EngineUnavailable
    when the server does not answer.
    """
    if clickhouse_url is not None:
        from insights_mcp.local.engine.server import ServerEngine

        return ServerEngine(clickhouse_url)
    from insights_mcp.local.engine.chdb import EmbeddedEngine

    return EmbeddedEngine(data_dir)
