"""The web client's bench: ``python -m tests.bench.web``.

Headless chromium, not throttled, against a whole stack with the scripted engine: how much
JavaScript a first visit loads, what a reply of 20,000 tokens at 200 tokens/s costs the page, and
how a conversation of 1,000 messages opens and scrolls.
"""
