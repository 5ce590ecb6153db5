"""How much JavaScript a first visit loads: the build's own check says it."""

import re
import subprocess
import sys


def first_load_kb() -> float:
    """Return kilobytes, gzip."""
    command = [sys.executable, "-m", "compose.npm", "exec", "--", "node", "scripts/check-size.mjs"]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    found = re.search(r"([\d.]+) KB of JavaScript", said)
    assert found, said
    return float(found[1])
