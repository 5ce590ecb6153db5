"""Have Python look for cycles of garbage as seldom as our processes need it.

What starting has left lives as long as the process; and a server with a thousand open streams, or a
replay, makes tens of thousands of short-lived objects a second and hardly any cycle. With CPython's
thresholds a worker spent a tenth of its time on looking for some, and a replay a fifth.
"""

import gc

# New objects between two looks at the young ones; then how many looks until the older ones' turn.
_THRESHOLDS = 50_000, 20, 50


def settle_heap() -> None:
    """Leave what exists alone for good, and look at the rest less often; once, after starting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
