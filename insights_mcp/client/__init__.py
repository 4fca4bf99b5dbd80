"""The REST client of PostHog's API: transport, one module per resource, lenient read models."""
