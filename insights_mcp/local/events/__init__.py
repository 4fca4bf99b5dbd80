"""Events in: captured from PostHog's SDKs, or imported from files; with their persons, groups and definitions."""

from insights_mcp.local.events.intake import CaptureOutcome, Intake

__all__ = ["CaptureOutcome", "Intake"]
