"""Keep the log of facts as Parquet files, so that the log itself can be short.

The layout, and why: ``docs/adr/0011-archive-of-parquet-segments.md``.
"""
