"""Rebuild a projection from the log and the archive, beside the live one: ``docs/analytics.md``."""
