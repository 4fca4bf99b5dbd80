"""Event files: what they are, which column means what, and how rows become events, many at a time."""
