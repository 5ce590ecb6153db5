"""Make text safe to store without changing what a reader sees.

NUL stays as it is: every store keeps it in a value, and nothing is ever searched by a text that
came from outside. Half of a surrogate pair cannot be encoded by any store; JSON events cannot
carry one, so this matters only to events that were made in memory.
"""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """Return ``text`` with each lone surrogate replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return text
