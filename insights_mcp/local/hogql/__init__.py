"""HogQL: parsed by PostHog's parser, resolved and printed as ClickHouse SQL by us. The allow-lists live here."""
