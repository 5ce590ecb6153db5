"""Measure how fast conversations are listed, opened and found, and how far the history is behind.

``python -m tests.bench.history`` (``make bench-history``) starts a stack of its own on the embedded
store, fills it, and prints one table with the bound of each line.
"""
