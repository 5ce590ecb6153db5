"""Measure how far the consumers are behind at 100 replies a second, and how fast usage is told.

``python -m tests.bench.usage`` (``make bench-usage``) starts a stack of its own on the embedded
store and prints one table with the bound of each line.
"""
