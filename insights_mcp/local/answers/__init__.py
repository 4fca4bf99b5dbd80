"""Answering of queries: calculation, cache, freshness, background jobs, slots and errors."""
