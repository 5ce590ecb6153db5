"""Measure what gateway and broker carry, with the scripted engine instead of a model.

The exit status is 1 when one of the bounds is not kept.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvloop

from tests.bench.arguments import positive
from tests.bench.contestants import HttpContestant
from tests.bench.cpu import NOISE
from tests.bench.load import TOKENS_PER_REPLY
from tests.bench.peers import PEER, litellm_proxy
from tests.bench.process import prepare
from tests.bench.relay.measuring import Flow, flow
from tests.bench.servers import scripted_stack

# Each a stack of its own, by what a reply has in a second.
_SLOW, _FAST = 10.0, 1_000.0
_GAP_MS, _TIMES_PEER = 150.0, 15.0
# As long as a slow reply takes.
_RAMP_S = TOKENS_PER_REPLY / _SLOW
_FAST_STREAMS, _FAST_REPLIES = 64, 512
# What is promised, and whether it is kept.
_Bound = tuple[str, bool]


def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.relay", description=__doc__)
    parser.add_argument(
        "--streams", type=positive, default=1_000, help="slow streams at once (default: 1000)"
    )
    parser.add_argument("--peers", action="store_true", help="LiteLLM's proxy with the same loads")
    arguments = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory(prefix="rivulet-relay-") as name:
        bounds = list(_measured(Path(name), arguments.streams, peers=arguments.peers))
    return 0 if all(bounds) else 1


def _measured(folder: Path, streams: int, *, peers: bool) -> Iterator[bool]:
    """Print rows as they are measured; yield of each bound whether it is kept."""
    print("| what | measured | bound | |\n| --- | ---: | ---: | --- |", flush=True)
    with scripted_stack(folder, _SLOW) as stack:
        slow = uvloop.run(flow(stack, streams, 2 * streams, _RAMP_S))
        what = f"{streams} streams of {_SLOW:.0f} tokens/s"
        kept = slow.gap_p99_ms < _GAP_MS
        _print_flow(what, slow, (f"under {_GAP_MS:.0f}", kept))
        yield kept
        if peers:
            _print_flow(f"{what}, {PEER}", _of_peer(folder, stack, streams, streams, _RAMP_S))
    with scripted_stack(folder, _FAST) as stack:
        fast = uvloop.run(flow(stack, _FAST_STREAMS, _FAST_REPLIES))
        what = f"{_FAST_STREAMS} streams as fast as it goes"
        _print_flow(what, fast)
        ours = fast.chunks_a_cpu_second("gateway", "broker")
        _print(f"{what}: chunks a second of CPU of gateway and broker", f"{ours:,.0f}")
        if peers:
            peer = _of_peer(folder, stack, _FAST_STREAMS, _FAST_REPLIES // 2)
            _print_flow(f"{what}, {PEER}", peer)
            times = ours / peer.chunks_a_cpu_second("proxy")
            kept = times >= _TIMES_PEER
            bound = f"at least {_TIMES_PEER:.0f}"
            _print(f"{what}: times {PEER} a second of CPU", f"{times:.1f}", (bound, kept))
            yield kept


def _of_peer(
    folder: Path, stack: HttpContestant, streams: int, replies: int, ramp_s: float = 0.0
) -> Flow:
    """Put a load on the peer in front of our own stack: both relay the same tokens."""
    with litellm_proxy(folder, stack) as peer:
        return uvloop.run(flow(peer, streams, replies, ramp_s))


def _print_flow(what: str, measured: Flow, gap_bound: _Bound | None = None) -> None:
    if measured.noisy:
        _print(
            f"{what}: NOISY, other programs took over {NOISE} of a core", f"{measured.others:.2f}"
        )
    _print(f"{what}: tokens/s", f"{measured.tokens_per_s:,.0f}")
    _print(f"{what}: gap p50, ms", f"{measured.gap_p50_ms:.1f}")
    _print(f"{what}: gap p99, ms", f"{measured.gap_p99_ms:.1f}", gap_bound)
    for name, seconds in sorted(measured.cpu_s.items()):
        _print(f"{what}: CPU of {name}, us a token", f"{seconds / measured.tokens * 1e6:.1f}")


def _print(what: str, measured: str, bound: _Bound | None = None) -> None:
    text, kept = bound or ("", True)
    verdict = ("kept" if kept else "NOT KEPT") if bound else ""
    print(f"| {what} | {measured} | {text} | {verdict} |", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # What was started has ended by now.
        sys.exit(130)
