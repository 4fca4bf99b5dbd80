"""Public sharing of insights (facts/rest-api.md 9, Sharing)."""

from collections.abc import Mapping
from urllib.parse import quote

from insights_mcp.client.addresses import ProjectAddress
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.deleting import delete_once
from insights_mcp.client.exchange import Call, Repeat
from insights_mcp.client.models.sharing import NewSharePassword, Sharing
from insights_mcp.client.numbering import Numbering
from insights_mcp.errors import InputError, OutcomeUnknown


class InsightSharing:
    """Sharing of one insight at a time, by number or short_id."""

    def __init__(self, caller: Caller, address: ProjectAddress, numbering: Numbering) -> None:
        self._caller = caller
        self._address = address
        self._numbering = numbering

    async def get(self, insight_id: int | str) -> Sharing:
        """Return whether an insight is public, and under which token."""
        call = Call("GET", await self._path(insight_id), subject=f"insight {insight_id}")
        return read_as(Sharing, object_of(await self._caller.read(call)))

    async def update(
        self,
        insight_id: int | str,
        *,
        enabled: bool | None = None,
        password_required: bool | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Sharing:
        """Make an insight public or private.

        Raises InputError when nothing is given; OutcomeUnknown.
        """
        given = {"enabled": enabled, "password_required": password_required, "settings": settings}
        body = {name: value for name, value in given.items() if value is not None}
        if not body:
            raise InputError("There is nothing to change.", advice="Give `enabled`, for example.")
        path, subject = await self._path(insight_id), f"insight {insight_id}"
        # Each PATCH is logged as an activity, so it is not simply sent again.
        call = Call("PATCH", path, body=body, repeat=Repeat.NEVER, subject=subject)
        try:
            answer = await self._caller.write(call)
        except OutcomeUnknown:
            stored = await self.get(insight_id)
            if all(getattr(stored, name) == value for name, value in body.items()):
                return stored
            answer = await self._caller.write(call)
        return read_as(Sharing, object_of(answer))

    async def refresh(self, insight_id: int | str) -> Sharing:
        """Give the share a new token; the old address stops working."""
        call = Call(
            "POST",
            await self._path(insight_id, "refresh"),
            body={},
            repeat=Repeat.NEVER,
            subject=f"insight {insight_id}",
        )
        return read_as(Sharing, object_of(await self._caller.write(call)))

    async def create_password(
        self, insight_id: int | str, *, raw_password: str | None = None, note: str | None = None
    ) -> NewSharePassword:
        """Add a password; the answer shows it this once. A paid feature of PostHog."""
        given = {"raw_password": raw_password, "note": note}
        call = Call(
            "POST",
            await self._path(insight_id, "passwords"),
            body={name: value for name, value in given.items() if value is not None},
            repeat=Repeat.NEVER,
            subject=f"insight {insight_id}",
        )
        return read_as(NewSharePassword, object_of(await self._caller.write(call)))

    async def delete_password(self, insight_id: int | str, password_id: str) -> None:
        """Remove a password."""
        call = Call(
            "DELETE",
            await self._path(insight_id, "passwords", password_id),
            repeat=Repeat.NEVER,
            subject=f"password {password_id}",
            may_be_empty=True,
        )
        await delete_once(self._caller, call, read=lambda _: None, gone=None)

    def page_url(self, sharing: Sharing) -> str | None:
        """Return the public address, None while it is not shared."""
        if not sharing.enabled or not sharing.access_token:
            return None
        return f"{self._caller.base_url}/shared/{quote(sharing.access_token, safe='')}"

    async def _path(self, insight_id: int | str, *parts: str) -> str:
        # Numbers only here, on every server (facts/rest-api.md 9).
        number = await self._numbering.number(insight_id)
        return await self._address.path("insights", number, "sharing", *parts)
