"""Print the table; see the package."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.relay.measuring import Flow, flow, idle_stream_kb
from tests.bench.servers import scripted_stack

# Each a stack of its own, by what a reply has in a second.
_SLOW, _FAST, _IDLE = 10.0, 1_000.0, 0.02
_GAP_MS, _IDLE_KB = 150.0, 40.0
_FAST_STREAMS, _FAST_REPLIES = 64, 512


def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.relay", description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000)
    arguments = parser.parse_args()
    # However it is stopped, what it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    streams = arguments.streams
    with tempfile.TemporaryDirectory(prefix="rivulet-relay-") as name:
        folder = Path(name)
        with scripted_stack(folder, _SLOW) as stack:
            slow = asyncio.run(flow(stack, streams, 2 * streams))
        with scripted_stack(folder, _FAST) as stack:
            fast = asyncio.run(flow(stack, _FAST_STREAMS, _FAST_REPLIES))
        with scripted_stack(folder, _IDLE) as stack:
            idle_kb = asyncio.run(idle_stream_kb(stack, streams))
    print("| what | measured | bound |\n| --- | ---: | ---: |")
    print(
        f"| {streams} streams of {_SLOW:.0f} tokens/s: gap p99, ms | {slow.gap_p99_ms:.1f} "
        f"| {_GAP_MS:.0f} |"
    )
    print(f"| the same: gap p50, ms | {slow.gap_p50_ms:.1f} | |")
    _print_cpu("the same", slow)
    print(f"| {_FAST_STREAMS} streams as fast as it goes, tokens/s | {fast.tokens_per_s:,.0f} | |")
    print(
        f"| the same: tokens a second of CPU of gateway and broker | {fast.tokens_a_core:,.0f} | |"
    )
    _print_cpu("the same", fast)
    print(f"| memory of a gateway an open idle stream, KiB | {idle_kb:.1f} | {_IDLE_KB:.0f} |")
    return 0 if slow.gap_p99_ms < _GAP_MS and idle_kb <= _IDLE_KB else 1


def _print_cpu(what: str, measured: Flow) -> None:
    for name, microseconds in sorted(measured.cpu_us.items()):
        print(f"| {what}: CPU of {name}, us a token | {microseconds:.1f} | |")


if __name__ == "__main__":
    sys.exit(main())
