"""The parts of a running local backend, put together by the owner process and by tests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.local.clock import Clock, read_clock
from insights_mcp.local.store.database import Store

if TYPE_CHECKING:  # these pull in pyarrow, which not every user of a Backend needs
    from insights_mcp.local.engine.base import Engine
    from insights_mcp.local.events import Intake
    from insights_mcp.local.query_service import QueryService

# Names a query: (name, description). Injected, because this side knows no language model.
Describe = Callable[[Mapping[str, object]], Awaitable[tuple[str, str]]]
# Asks a language model: (instructions, facts) -> its text.
Ask = Callable[[str, str], Awaitable[str]]


@dataclass(frozen=True)
class Backend:
    """What the endpoints work with. `describe` and `ask` are None where no model is configured."""

    store: Store
    engine: "Engine"
    queries: "QueryService"
    intake: "Intake"
    data_dir: Path
    describe: Describe | None = None
    ask: Ask | None = None
    clock: Clock = read_clock

    def is_busy(self) -> bool:
        """Return whether work goes on that no request waits for."""
        return self.queries.is_busy()

    def close(self) -> None:
        """Stop what runs, write out what waits, and let go of the files."""
        self.queries.close()
        self.engine.close()
        self.store.close()
