"""The one way to the API: builds requests, repeats what may be repeated, turns refusals into errors."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

import anyio
from pydantic import BaseModel, ValidationError

from insights_mcp import __version__
from insights_mcp.client.deadlines import Deadlines
from insights_mcp.client.exchange import Answer, Call, LostMidway, NeverSent, RawAnswer, RawRequest, Repeat, TimedOut
from insights_mcp.client.failures import UNREADABLE, error_from, parse_json, unexpected
from insights_mcp.client.waiting import Deadline, backoff, wait_named
from insights_mcp.errors import (
    ApiError,
    DeadlineExceeded,
    InputError,
    OutcomeUnknown,
    ServerFailed,
    Throttled,
    UnexpectedAnswer,
    Unreachable,
)

if TYPE_CHECKING:
    from insights_mcp.client.transport import AsyncTransport, Wire

Model = TypeVar("Model", bound=BaseModel)

USER_AGENT = f"insights-mcp/{__version__}"
MOST_REPEATS = 3
MOST_REDIRECTS = 3
# A server that is restarting or overloaded: what changes nothing may be asked again.
_PASSING = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Caller:
    """Sends calls with one key to one base address. The key is in the header and nowhere else."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        transport: "AsyncTransport | None",
        deadlines: Deadlines,
        is_local: bool,
        sleep: Callable[[float], Awaitable[None]],
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        if re.search(r"[^\x21-\x7e]", api_key):
            raise InputError("The API key holds a character that no key has.", advice="Copy it again.")
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            # A user name in it would replace the key in the header.
            raise InputError("The address of PostHog is not a plain http(s) URL.", advice="Check POSTHOG_HOST.")
        self.base_url = base_url
        self.deadlines = deadlines
        self.is_local = is_local
        self.sleep = sleep
        self._api_key = api_key
        self._transport = transport
        self._monotonic = monotonic
        self._now = now
        self._wire: Wire | None = None
        self._skew: timedelta | None = None

    def deadline(self, seconds: float) -> Deadline:
        """Return a deadline that many seconds from now."""
        return Deadline(seconds, self._monotonic)

    def our_now(self) -> datetime:
        """Return the time by our own clock."""
        return self._now()

    @property
    def skew(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, by its last answer; None before one told the time."""
        return self._skew

    async def read(self, call: Call, deadline: Deadline | None = None) -> Answer:
        """Send a call that changes nothing.

        Raises ApiError, Unreachable, DeadlineExceeded.
        """
        return await self.send(call, deadline or self.deadline(self.deadlines.read))

    async def write(self, call: Call, deadline: Deadline | None = None) -> Answer:
        """Send a call that changes something.

        Raises ApiError, Unreachable (nothing happened), OutcomeUnknown (it may have happened).
        """
        try:
            return await self.send(call, deadline or self.deadline(self.deadlines.write))
        except (LostMidway, TimedOut) as error:
            advice = "Read it again to see; sending the same change again does no harm."
            if call.repeat is Repeat.NEVER:
                advice = "Look whether it happened before doing it again."
            raise OutcomeUnknown(f"{error.message} The change may or may not have happened.", advice=advice) from error

    async def send(self, call: Call, deadline: Deadline) -> Answer:
        """Send a call until it is answered, as often as its kind allows and the deadline leaves time.

        Raises ApiError, NeverSent, LostMidway, TimedOut.
        """
        attempt = 0
        while True:
            headers: Mapping[str, str] = {}
            try:
                raw = await self._exchange(call, deadline)
                headers = raw.headers
                return self._answer(raw, call)
            except (ApiError, NeverSent, LostMidway) as error:
                wait = _wait_before_repeat(call, error, headers, attempt)
                if wait is None or wait >= deadline.remaining():
                    raise self._addressed(error) from None
            await self.sleep(wait)
            attempt += 1

    async def aclose(self) -> None:
        """Close every connection."""
        if self._wire is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
                await self._wire.aclose()
            self._wire = None

    async def _exchange(self, call: Call, deadline: Deadline) -> RawAnswer:
        request = self._request(call)
        wire = self._open_wire()
        began = self._monotonic()
        await wire.get_ready()
        # The first start of the local backend takes longer than any call may.
        deadline.extend(self._monotonic() - began)
        for _ in range(MOST_REDIRECTS):
            remaining = deadline.remaining()
            if remaining <= 0:
                raise DeadlineExceeded("The deadline passed before the request was sent.", advice="Try again.")
            try:
                raw = await wire.send(request, remaining)
            except TimedOut:
                raise TimedOut(
                    f"No answer within {deadline.seconds:.0f} seconds.", advice="Try again, or ask for less."
                ) from None
            self._note_clock(raw)
            target = self._redirect_target(raw, request)
            if target is None:
                return raw
            request = RawRequest(request.method, target, (), request.headers, request.content)
        return raw

    def _request(self, call: Call) -> RawRequest:
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT, **call.headers}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        content = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            try:
                content = json.dumps(call.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
            except (TypeError, ValueError):
                raise InputError("The request holds a value that JSON cannot carry.") from None
        return RawRequest(call.method, f"{self.base_url}/api/{call.path}", call.params, headers, content)

    def _open_wire(self) -> "Wire":
        if self._wire is None:
            from insights_mcp.client.transport import Wire  # loads httpx: only at the first request

            self._wire = Wire(self.base_url, self._transport, connect_seconds=self.deadlines.connect)
        return self._wire

    def _redirect_target(self, raw: RawAnswer, request: RawRequest) -> str | None:
        """Return where to go, within our own scheme and host only: another host would be given the key."""
        location = raw.headers.get("location")
        if raw.status not in _REDIRECTS or not location:
            return None
        if request.method != "GET" and raw.status not in (307, 308):
            return None
        target = urljoin(request.url, location)
        ours, theirs = urlsplit(self.base_url), urlsplit(target)
        return target if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) else None

    def _answer(self, raw: RawAnswer, call: Call) -> Answer:
        if raw.status >= 400:
            raise error_from(raw, call, base_url=self.base_url, is_local=self.is_local, secret=self._api_key)
        if raw.status >= 300:
            raise unexpected(raw, call, secret=self._api_key)
        is_empty = not raw.content.strip()
        if is_empty and (call.may_be_empty or raw.status == HTTPStatus.NO_CONTENT):
            return Answer(raw.status, None)
        data = UNREADABLE if is_empty else parse_json(raw.content)
        if data is UNREADABLE:
            raise unexpected(raw, call, secret=self._api_key)
        return Answer(raw.status, data)

    def _note_clock(self, raw: RawAnswer) -> None:
        try:
            theirs = parsedate_to_datetime(raw.headers.get("date", ""))
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self._skew = theirs - self._now()

    def _addressed(self, error: Exception) -> Exception:
        """Return a connection failure with the name of who could not be reached, and what to check."""
        if not isinstance(error, Unreachable):
            return error
        if self.is_local:
            name, advice = "the local backend", "The next call starts it again."
        else:
            name = urlsplit(self.base_url).hostname or "PostHog"
            advice = "Check POSTHOG_HOST and the network, then try again."
        return type(error)(f"No answer from {name}: {error.message[:1].lower()}{error.message[1:]}", advice=advice)


def read_as(model: type[Model], data: object) -> Model:
    """Return a good answer's JSON as a model.

    Raises UnexpectedAnswer when it is something else altogether.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "answer"
        raise UnexpectedAnswer(
            f"The answer is JSON, but not the API's {model.__name__} ({where}: {first['type']}).",
            status=200,
            advice="Check POSTHOG_HOST; the server may be much older or newer than this program knows.",
        ) from None


def object_of(answer: Answer) -> Mapping[str, object]:
    """Return the JSON object of a good answer.

    Raises UnexpectedAnswer when it is something else.
    """
    if isinstance(answer.data, dict):
        return answer.data
    raise UnexpectedAnswer(
        "The answer is JSON, but not an object of the API.", status=answer.status, advice="Check POSTHOG_HOST."
    )


def _wait_before_repeat(call: Call, error: Exception, headers: Mapping[str, str], attempt: int) -> float | None:
    """Return the wait before the call may be sent again, None when it may not."""
    if attempt >= MOST_REPEATS:
        return None
    if isinstance(error, Throttled) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        # Refused before anything was done, so any call may come again.
        return error.wait_seconds if error.wait_seconds is not None else backoff(attempt + 1)
    if isinstance(error, NeverSent):
        return backoff(attempt)
    if call.repeat is Repeat.NEVER:
        return None
    if isinstance(error, LostMidway):
        return backoff(attempt)
    if isinstance(error, ServerFailed | UnexpectedAnswer) and error.status in _PASSING:
        named = wait_named(None, headers)
        return named if named is not None else backoff(attempt)
    return None
