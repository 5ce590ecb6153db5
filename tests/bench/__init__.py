"""Measure Rivulet against vLLM's own server on the same machine, model and load: ``make bench``."""
