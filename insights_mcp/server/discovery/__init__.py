"""Discovery: what there is to ask about in a project, ranked by use and found by the meaning of words."""
