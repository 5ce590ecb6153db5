"""Measure how fast the log is folded again, rebuilt into the embedded store, and archived.

``python -m tests.bench.replay`` (``make bench-replay``) starts a broker and a store of its own,
fills a log, and prints one table with the bound of each line.
"""
