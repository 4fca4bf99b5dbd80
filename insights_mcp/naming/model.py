"""The naming model: any OpenAI-compatible server, asked through the `openai` client."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import anyio

from insights_mcp.errors import ExtraMissing, NamingFailed
from insights_mcp.naming.answer import SCHEMA, UnusableAnswer, read_answer
from insights_mcp.naming.metadata import Metadata
from insights_mcp.naming.prompt import write_prompt, write_repair
from insights_mcp.naming.summary import QuerySummary

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam

T = TypeVar("T")

_NOT_COMPATIBLE = "The naming model's server did not answer as an OpenAI-compatible one does."
# Statuses with which servers answer to a response_format they do not know.
_UNKNOWN_FORMAT = frozenset({400, 415, 422, 501})


class ModelNamer:
    """Names queries with a language model: a JSON-schema answer, checked, with one chance to mend it.

    A server that does not know JSON schemas is asked for plain JSON from then on. `timeout_seconds` bounds each
    request, `deadline_seconds` the whole naming.
    """

    def __init__(
        self,
        api_key: str | None,
        base_url: str | None = None,
        model: str = "gpt-5-mini",
        *,
        timeout_seconds: float = 20.0,
        deadline_seconds: float = 45.0,
        max_retries: int = 1,
    ) -> None:
        # Local servers often want no key, but the client wants one.
        self._api_key = api_key or "none"
        self._base_url = base_url
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._deadline_seconds = deadline_seconds
        self._max_retries = max_retries
        self._knows_schemas = True

    def __repr__(self) -> str:
        return f"ModelNamer(model={self._model!r})"

    async def describe(self, summary: QuerySummary) -> Metadata:
        """Return the model's name and description.

        Raises NamingFailed when it refuses, is too slow, fails, or twice gives nothing that can be shown, and
        ExtraMissing without the `openai` package.
        """
        return await self._with_client(lambda client: self._converse(client, summary))

    async def write(self, instructions: str, facts: str) -> str:
        """Return the model's text about `facts`, as `instructions` ask for it; empty when it has nothing to say.

        Raises NamingFailed and ExtraMissing, as `describe` does.
        """
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": facts},
        ]
        return await self._with_client(lambda client: self._ask(client, messages, with_schema=False))

    async def _with_client(self, talk: "Callable[[AsyncOpenAI], Awaitable[T]]") -> T:
        try:
            from openai import AsyncOpenAI
        except ImportError:
            raise ExtraMissing("ai", "Naming by a model") from None
        try:
            with anyio.fail_after(self._deadline_seconds):
                async with AsyncOpenAI(
                    api_key=self._api_key,
                    base_url=self._base_url,
                    timeout=self._timeout_seconds,
                    max_retries=self._max_retries,
                ) as client:
                    return await talk(client)
        except TimeoutError:
            raise NamingFailed("The naming model did not answer in time.") from None

    async def _converse(self, client: "AsyncOpenAI", summary: QuerySummary) -> Metadata:
        prompt = write_prompt(summary)
        messages: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        first = await self._ask(client, messages)
        try:
            return read_answer(first)
        except UnusableAnswer as unusable:
            messages.append({"role": "assistant", "content": first or "(nothing)"})
            messages.append({"role": "user", "content": write_repair(str(unusable))})
        try:
            return read_answer(await self._ask(client, messages))
        except UnusableAnswer as unusable:
            raise NamingFailed(f"The naming model's answer cannot be used: {unusable}.") from None

    async def _ask(
        self, client: "AsyncOpenAI", messages: "list[ChatCompletionMessageParam]", *, with_schema: bool = True
    ) -> str:
        """Return the text of one answer.

        Raises NamingFailed when there is none.
        """
        from openai import APIError, APIStatusError

        try:
            if with_schema and self._knows_schemas:
                try:
                    return await self._complete(client, messages, with_schema=True)
                except APIStatusError as refused:
                    if refused.status_code not in _UNKNOWN_FORMAT:
                        raise
                answer = await self._complete(client, messages, with_schema=False)
                self._knows_schemas = False
                return answer
            return await self._complete(client, messages, with_schema=False)
        except APIError as error:
            raise NamingFailed(self._explain(error)) from None
        except ValueError:  # a body that calls itself JSON and is not
            raise NamingFailed(_NOT_COMPATIBLE) from None

    async def _complete(
        self, client: "AsyncOpenAI", messages: "list[ChatCompletionMessageParam]", *, with_schema: bool
    ) -> str:
        from openai import omit

        completion: object = await client.chat.completions.create(
            model=self._model,
            messages=messages,
            response_format=(
                {"type": "json_schema", "json_schema": {"name": "insight_metadata", "strict": True, "schema": SCHEMA}}
                if with_schema
                else omit
            ),
        )
        return _read_content(completion)

    def _explain(self, error: "APIError") -> str:
        """Say in our words what went wrong: the server's own words may hold a part of the key."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        if isinstance(error, APITimeoutError):
            return "The naming model did not answer in time."
        if isinstance(error, APIConnectionError):
            return "The naming model's server cannot be reached; check OPENAI_BASE_URL."
        status = error.status_code if isinstance(error, APIStatusError) else None
        return {
            401: "The naming model's server refused the key (401); check OPENAI_API_KEY.",
            403: "The key may not use the naming model (403).",
            404: "The naming model's server does not know the model or the address (404); check INSIGHTS_MCP_MODEL.",
            429: "The naming model takes no more requests now, or the quota is used up (429).",
        }.get(status or 0, f"The naming model's server failed{f' ({status})' if status else ''}.")


def _read_content(completion: object) -> str:
    """Return the text of a completion, whose parts may be anything: the client does not check what servers send.

    Raises NamingFailed when the model refused, or there is no completion in it.
    """
    choices = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    if message is None:
        raise NamingFailed(_NOT_COMPATIBLE)
    if getattr(message, "refusal", None) or getattr(choice, "finish_reason", None) == "content_filter":
        raise NamingFailed("The naming model refused.")
    content = getattr(message, "content", None)
    return content if isinstance(content, str) else ""
