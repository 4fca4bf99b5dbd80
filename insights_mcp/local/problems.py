"""The error answers of the API: one envelope of type, code, detail, attr (facts/rest-api.md 2.2)."""

from collections.abc import Mapping


class Problem(Exception):
    """An HTTP error answer. `body()` is the envelope that every endpoint answers with."""

    def __init__(
        self,
        status: int,
        type_: str,
        code: str,
        detail: str,
        *,
        attr: str | None = None,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type_
        self.code = code
        self.detail = detail
        self.attr = attr
        self.extra = extra
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """Return the JSON body: always type, code, detail, attr, and extra when there is one."""
        body: dict[str, object] = {"type": self.type, "code": self.code, "detail": self.detail, "attr": self.attr}
        return body if self.extra is None else {**body, "extra": dict(self.extra)}


def invalid(detail: str, *, attr: str | None = None, code: str = "invalid_input") -> Problem:
    """400: a field or the whole request does not validate."""
    return Problem(400, "validation_error", code, detail, attr=attr)


def unparsable(detail: str) -> Problem:
    """400 parse_error: malformed JSON, or a query that does not fit its schema."""
    return Problem(400, "invalid_request", "parse_error", detail)


def not_found(detail: str = "Not found.") -> Problem:
    """404: unknown, deleted, or of another project."""
    return Problem(404, "invalid_request", "not_found", detail)


def forbidden(detail: str = "You do not have permission to perform this action.") -> Problem:
    """403 permission_denied."""
    return Problem(403, "authentication_error", "permission_denied", detail)
