"""Files in multipart/form-data bodies, which a browser or an SDK uploads."""

import json
from email.parser import BytesParser
from email.policy import HTTP

from insights_mcp.local.app.body import Body
from insights_mcp.local.problems import unparsable


def is_multipart(body: Body) -> bool:
    """Return whether a body is a form with files."""
    return body.content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def read_form(body: Body) -> dict[str, object]:
    """Return the fields of a form: files and texts, texts that are JSON objects, arrays or flags read as such.

    Raises Problem for a malformed form.
    """
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body.raw)
    if not message.is_multipart():
        raise unparsable("Multipart form parse error - Invalid boundary in multipart")
    fields: dict[str, object] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = _read(content.decode("utf-8", "replace"), is_file=part.get_filename() is not None)
    return fields


def _read(text: str, *, is_file: bool) -> object:
    if is_file or text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
