"""Filters, the older form of questions, as queries (facts/rest-api.md 11)."""
