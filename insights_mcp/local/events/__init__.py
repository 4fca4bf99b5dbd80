"""Events in: capture payloads, CSV, JSON lines and Parquet become event rows and persons."""
