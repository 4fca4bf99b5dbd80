"""Names and descriptions for insights: query to summary, summary to model, and the deterministic namer."""
