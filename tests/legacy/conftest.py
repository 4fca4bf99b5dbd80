"""The whole backend, as the tests of definitions have it."""

from tests.definitions.conftest import backend, clock, project

__all__ = ["backend", "clock", "project"]
