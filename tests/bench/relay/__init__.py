"""Measure what gateway and broker carry, with the scripted engine instead of a model.

``make bench-relay``: many slow streams at once, and as fast as it goes.
"""
