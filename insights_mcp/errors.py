"""Every error a caller may meet, as one tree.

    InsightsError                    says what happened and, in `advice`, what to do next
    ├── SettingsError                an environment variable or option has a wrong value
    ├── InputError                   the caller's argument is wrong
    │   └── QueryInvalid             ... and it is a query body: path, allowed values, nearest name, example
    ├── ExtraMissing                 an optional part is not installed
    ├── ApiError                     the API answered, with an error
    │   ├── AuthenticationFailed     the key is missing, unknown, or of another region
    │   ├── PermissionDenied         the key lacks a scope, or the person a right
    │   ├── NotFound                 no such object in this project
    │   ├── ValidationFailed         the API refused a field
    │   ├── Throttled                wait, then ask again
    │   ├── QueryFailed              the query ran and failed (time, memory, user mistake in HogQL)
    │   ├── ServerFailed             5xx without more to say
    │   └── UnexpectedAnswer         not the API's JSON: HTML, truncated, empty
    ├── Unreachable                  no answer at all: DNS, refused, TLS, connection lost
    ├── DeadlineExceeded             no answer in time
    ├── OutcomeUnknown               a write got no answer and could not be read back
    ├── BackendFailed                the local backend could not be started, or ended
    └── NamingFailed                 the naming model gave no usable answer

Messages are ours and safe to show: no key, no full URL, no traceback. Text that came from elsewhere is in `detail`
and is data. `advice` is one sentence that tells the reader how to recover.
"""

from collections.abc import Sequence


class InsightsError(Exception):
    """The base of every error of this package. `str(error)` is message and advice, ready to show."""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}" if self.advice else self.message


class SettingsError(InsightsError):
    """A setting has a wrong value. The command line prints one line that names it and exits with 2."""

    def __init__(self, variable: str, problem: str, *, advice: str | None = None) -> None:
        super().__init__(f"{variable}: {problem}", advice=advice)
        self.variable = variable


class InputError(InsightsError):
    """An argument of the caller is wrong; a smarter call avoids it."""


class QueryInvalid(InputError):
    """A query body does not fit the schema.

    `path` is dotted (`source.series.0.math`), `allowed` what may stand there, `nearest` the likeliest meant name,
    `example` a corrected fragment as JSON text. `str()` stays within 600 characters.
    """

    LIMIT = 600

    def __init__(
        self,
        problem: str,
        *,
        path: str = "",
        allowed: Sequence[str] = (),
        nearest: str | None = None,
        example: str | None = None,
    ) -> None:
        self.path = path
        self.problem = problem
        self.allowed = tuple(allowed)
        self.nearest = nearest
        self.example = example
        super().__init__(f"{path or 'query'}: {problem}", advice=self._advice())

    def _advice(self) -> str | None:
        parts = []
        if self.nearest:
            parts.append(f"Did you mean {self.nearest}?")
        if self.allowed:
            parts.append(f"Allowed: {_shorten(', '.join(self.allowed), 200)}.")
        if self.example and len(self.example) <= 220:
            parts.append(f"Example: {self.example}")
        return " ".join(parts) or None

    def __str__(self) -> str:
        return _shorten(super().__str__(), self.LIMIT)


class ExtraMissing(InsightsError):
    """An optional part of the package is needed and not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the '{extra}' extra, which is not installed.",
            advice=f"Install it with: pip install 'insights-mcp[{extra}]'",
        )
        self.extra = extra


class ApiError(InsightsError):
    """The API answered with an error (facts: the four-key envelope type, code, detail, attr).

    `detail` is the API's own text: data, to be fenced before a model reads it. `extra` is the envelope's extra part.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        detail: str | None = None,
        attr: str | None = None,
        extra: object = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.code = code
        self.detail = detail
        self.attr = attr
        self.extra = extra


class AuthenticationFailed(ApiError):
    """The key is missing, unknown, expired, or belongs to another region."""


class PermissionDenied(ApiError):
    """The key lacks a scope (`scope` names it when the API said which), or the person a right."""

    def __init__(self, message: str, *, scope: str | None = None, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]  # passed through unchanged
        self.scope = scope


class NotFound(ApiError):
    """No such object in this project, or it is deleted."""


class ValidationFailed(ApiError):
    """The API refused a field; `attr` names it."""


class Throttled(ApiError):
    """Too many requests, or too many queries at once. `wait_seconds` says how long to wait."""

    def __init__(self, message: str, *, wait_seconds: float | None = None, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]  # passed through unchanged
        self.wait_seconds = wait_seconds


class QueryFailed(ApiError):
    """The query ran and failed: time, memory, capacity, or a mistake in its HogQL."""


class ServerFailed(ApiError):
    """The server failed and said nothing more (5xx)."""


class UnexpectedAnswer(ApiError):
    """The answer is not the API's JSON: an HTML page, truncated or empty. Often a wrong host."""


class Unreachable(InsightsError):
    """No answer at all: name not found, refused, TLS failure, connection lost. The request may be sent again."""


class DeadlineExceeded(InsightsError):
    """No answer within the deadline."""


class OutcomeUnknown(InsightsError):
    """A write got no answer and could not be read back, so it may or may not have happened."""


class BackendFailed(InsightsError):
    """The local backend could not be started, or ended while it answered. The next call starts it again."""


class NamingFailed(InsightsError):
    """The naming model refused, timed out, or answered with something unusable."""


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
