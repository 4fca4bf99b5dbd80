"""One module per query kind, with the dates, filters and breakdowns they share."""
