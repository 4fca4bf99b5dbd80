"""The query kinds this backend answers, by name. A new kind is one module and one line here."""

from collections.abc import Mapping

from insights_mcp.local.queries.context import AnyKind

_KINDS: tuple[AnyKind, ...] = ()

KINDS: Mapping[str, AnyKind] = {kind.name: kind for kind in _KINDS}
