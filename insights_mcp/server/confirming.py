"""Asking the person before something that others use is deleted.

Where the client can show a question it is shown, in both eras of the protocol (facts/mcp.md 1.7): the older one is
asked within the call; a newer client gets the question as the call's result and calls again with the answer. Where it
cannot, the model must repeat the call with confirm=true. Nothing is written before the answer.
"""

import hashlib
import logging
from enum import Enum
from typing import Any, Protocol

import anyio
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequests, InputRequiredResult
from mcp_types.version import is_version_at_least

logger = logging.getLogger(__name__)

# How long a person may think where the server waits; clients give up on a call at about the same time.
PATIENCE_SECONDS = 120.0
# From here on the question is the call's result (facts/mcp.md 1.9).
_ASKS_BY_RESULT = "2026-07-28"
_KEY = "confirm"
_AGREED, _DECLINED = "Delete", "Keep"


class Verdict(Enum):
    """What came of asking. NOBODY: the client has no way to ask."""

    AGREED = "agreed"
    DECLINED = "declined"
    SILENT = "silent"
    NOBODY = "nobody"


class Person(Protocol):
    """Whoever sits at the client."""

    @property
    def can_be_asked(self) -> bool:
        """Return whether a question can be shown."""
        ...

    async def ask(self, question: str) -> Verdict:
        """Ask whether something is to be deleted."""
        ...


class NobodyThere:
    """A call without a client that can ask."""

    can_be_asked = False

    async def ask(self, question: str) -> Verdict:
        """Return that there is nobody to ask."""
        del question
        return Verdict.NOBODY


class InputNeeded(Exception):
    """The call ends here with a question as its result; it comes again with the answer."""

    def __init__(self, result: InputRequiredResult) -> None:
        super().__init__("input needed")
        self.result = result


class McpPerson:
    """The person behind one MCP call."""

    def __init__(self, context: Context[Any, Any], patience: float = PATIENCE_SECONDS) -> None:
        self._context = context
        self._patience = patience

    @property
    def can_be_asked(self) -> bool:
        """Return whether the client declared that it shows forms; a bare declaration means them, too."""
        capabilities = self._context.client_capabilities
        elicitation = capabilities.elicitation if capabilities is not None else None
        return elicitation is not None and (elicitation.form is not None or elicitation.url is None)

    async def ask(self, question: str) -> Verdict:
        """Ask; whatever is not a clear yes counts as no.

        Raises InputNeeded when the answer comes with the next call.
        """
        if not self.can_be_asked:
            return Verdict.NOBODY
        version = self._context.protocol_version
        if version is not None and is_version_at_least(version, _ASKS_BY_RESULT):
            return self._read_answer(question)
        with anyio.move_on_after(self._patience):
            try:
                return _judge(await self._show(question))
            except MCPError as error:  # declared, and yet it cannot
                logger.warning("the client could not ask: %s", error)
                return Verdict.NOBODY
        return Verdict.SILENT

    async def _show(self, question: str) -> ElicitResult:
        form = _form(question)
        return await self._context.request_context.session.elicit_form(
            form.message, form.requested_schema, related_request_id=self._context.request_id
        )

    def _read_answer(self, question: str) -> Verdict:
        """Return the answer that came with this call, if it is one to this very question."""
        mark = hashlib.sha256(question.encode()).hexdigest()
        answer = (self._context.input_responses or {}).get(_KEY)
        if answer is None or self._context.request_state != mark:
            asked: InputRequests = {_KEY: ElicitRequest(params=_form(question))}
            raise InputNeeded(InputRequiredResult(input_requests=asked, request_state=mark))
        return _judge(answer) if isinstance(answer, ElicitResult) else Verdict.DECLINED


def _form(question: str) -> ElicitRequestFormParams:
    """Return a question with two answers: pressing return must not delete anything."""
    choice = {"type": "string", "title": "Delete it?", "enum": [_DECLINED, _AGREED], "default": _DECLINED}
    schema = {"type": "object", "properties": {"answer": choice}, "required": ["answer"]}
    return ElicitRequestFormParams(message=question, requested_schema=schema)


def _judge(answer: ElicitResult) -> Verdict:
    agreed = answer.action == "accept" and (answer.content or {}).get("answer") == _AGREED
    return Verdict.AGREED if agreed else Verdict.DECLINED
