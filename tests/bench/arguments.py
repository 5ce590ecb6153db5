"""What the benches ask of their arguments."""

import argparse


def positive(text: str) -> int:
    """Return the number; for ``type=`` of an argument."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {text!r}")
    return int(text)
