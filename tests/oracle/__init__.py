"""Slow, plain answers to queries, written from the semantics (facts/queries.md) and from no SQL."""
