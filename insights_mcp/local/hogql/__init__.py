"""HogQL: parsed by PostHog's parser, resolved and printed as ClickHouse SQL by us. The allow-lists live here.

parser       text to tree (ast): guard before, clauses after, placeholders in it
printer      tree to SQL: selects and joins and columns, expressions and comparisons and calls, fields
scope        what names mean; sources: what stands in FROM; tables, sessions: which tables there are
functions    which functions there are, and how those are printed that HogQL means in its own way
bounds, truncations, semijoins    what makes the printed SQL fast
writer       tree back to HogQL text
"""
