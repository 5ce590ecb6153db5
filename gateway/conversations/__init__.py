"""Conversations: read from the history, changed by events on the log of facts."""
