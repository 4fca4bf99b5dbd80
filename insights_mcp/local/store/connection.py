"""The type of a running transaction, for callers that hand it on without speaking SQL themselves."""

from sqlite3 import Connection

__all__ = ["Connection"]
