"""The local backend's process: store, engine, queries and intake put together and served over a Unix socket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.commands.connect import require_local
from insights_mcp.commands.models import make_model

if TYPE_CHECKING:
    from insights_mcp.local.backend import Backend
    from insights_mcp.local.process import Served
    from insights_mcp.settings import Settings

STORE_FILE = "insights.sqlite3"


def serve_backend(settings: "Settings", data_dir: Path | None, idle_seconds: float, *, seed: bool) -> int:
    """Own the data directory until idle, told to stop, or SIGTERM. Return the exit code.

    Raises ExtraMissing and BackendFailed; the launcher that started this process reads them from its log.
    """
    require_local()
    from insights_mcp.local.process import serve

    settings = with_data_dir(settings, data_dir)
    serve(lambda key: make_served(settings, key, seed=seed), data_dir=settings.data_dir, idle_seconds=idle_seconds)
    return 0


def with_data_dir(settings: "Settings", data_dir: Path | None) -> "Settings":
    """Return the settings with the data directory of the command line, when it named one."""
    return settings if data_dir is None else replace(settings, data_dir=data_dir.expanduser().absolute())


def make_served(settings: "Settings", api_key: str, *, extra_key: str | None = None, seed: bool = False) -> "Served":
    """Open everything and return what the owner process serves; it accepts `api_key` and `extra_key`."""
    from insights_mcp.local.app import create_app
    from insights_mcp.local.process import Served

    backend = open_backend(settings)
    if seed:
        from insights_mcp.local.demo import seed_demo

        seed_demo(backend)
    return Served(
        app=create_app(backend, api_key=api_key, extra_key=extra_key), close=backend.close, is_busy=backend.is_busy
    )


def open_backend(settings: "Settings") -> "Backend":
    """Open the backend of a data directory; what a crash cut short is finished first."""
    from insights_mcp.local.answers.definitions import StoredDefinitions
    from insights_mcp.local.backend import Backend
    from insights_mcp.local.engine import open_engine
    from insights_mcp.local.events import Intake
    from insights_mcp.local.query_service import QueryService
    from insights_mcp.local.store.database import Store

    store = Store.open(settings.data_dir / STORE_FILE)
    engine = open_engine(settings.data_dir, settings.clickhouse_url)
    intake = Intake(store, engine)
    intake.heal()
    model = make_model(settings)
    return Backend(
        store=store,
        engine=engine,
        queries=QueryService(store, engine, definitions=StoredDefinitions(store, engine)),
        intake=intake,
        data_dir=settings.data_dir,
        describe=_make_describe(settings),
        ask=model.write if model else None,
    )


def _make_describe(settings: "Settings") -> Callable[[Mapping[str, object]], Awaitable[tuple[str, str]]]:
    async def describe(query: Mapping[str, object]) -> tuple[str, str]:
        from insights_mcp.naming import name_query
        from insights_mcp.schema.queries import parse_query

        named = await name_query(parse_query(query), model=make_model(settings))
        return named.name, named.description

    return describe
