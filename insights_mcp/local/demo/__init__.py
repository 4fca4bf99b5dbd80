"""The demo project: half a year of a believable product, the same for everybody, with a drop to find in it."""

from insights_mcp.local.demo.seeding import seed_demo

__all__ = ["seed_demo"]
