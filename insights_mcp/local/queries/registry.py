"""The query kinds this backend answers, by name. A new kind is one module and one line here."""

from collections.abc import Mapping

from insights_mcp.local.queries.actors import ACTORS, POINTS
from insights_mcp.local.queries.context import AnyKind
from insights_mcp.local.queries.correlation import CORRELATION
from insights_mcp.local.queries.events import EVENTS
from insights_mcp.local.queries.funnels import FUNNELS
from insights_mcp.local.queries.lifecycle import LIFECYCLE
from insights_mcp.local.queries.paths import PATHS
from insights_mcp.local.queries.retention import RETENTION
from insights_mcp.local.queries.stickiness import STICKINESS
from insights_mcp.local.queries.tags import HOGQL
from insights_mcp.local.queries.trends import TRENDS

_KINDS: tuple[AnyKind, ...] = (
    HOGQL,
    TRENDS,
    FUNNELS,
    CORRELATION,
    LIFECYCLE,
    STICKINESS,
    RETENTION,
    PATHS,
    EVENTS,
    ACTORS,
    *POINTS,
)

KINDS: Mapping[str, AnyKind] = {kind.name: kind for kind in _KINDS}
