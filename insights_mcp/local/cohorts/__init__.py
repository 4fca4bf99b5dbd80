"""Cohorts: what their conditions mean, and who fits them."""
