"""Whole dashboards in one call: read, checked all at once, written all or not at all."""
