"""Compare Rivulet, vLLM's own server and the engine alone, interleaved in one run.

Ratios within a run are the result; absolute figures belong to the machine of the moment. All that
is measured listens on loopback and is started and ended here. The exit status is 1 when one of the
bounds in the last table is not kept.
"""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.bench.arguments import positive
from tests.bench.contestants import Contestant
from tests.bench.idle import idle_stream_kb
from tests.bench.measuring import Rounds, measure
from tests.bench.peers import litellm_proxy
from tests.bench.process import prepare
from tests.bench.servers import engine_alone, rivulet_stack, unstored_stack, vllm_server
from tests.bench.tables import in_words, report

_DEFAULT_STREAMS = (1, 8, 32, 64, 128)


def main() -> int:
    """Start everything, measure, print, end everything; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--streams",
        type=positive,
        nargs="+",
        default=list(_DEFAULT_STREAMS),
        help="replies at a time, one load for each number (default: 1 8 32 64 128)",
    )
    parser.add_argument(
        "--rounds", type=positive, default=9, help="of each load on each contestant (default: 9)"
    )
    parser.add_argument(
        "--gateways",
        type=positive,
        nargs="+",
        default=[1, 2],
        help="gateway processes of a Rivulet, one stack for each number beside that with one "
        "(default: 1 2)",
    )
    parser.add_argument("--peers", action="store_true", help="LiteLLM's proxy before vLLM's server")
    parser.add_argument(
        "--unstored", action="store_true", help="Rivulet with frames that no disk has, too"
    )
    arguments = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory(prefix="rivulet-bench-") as name:
        folder = Path(name)
        print("Measuring the memory of idle streams ...", flush=True)
        idle_kb = idle_stream_kb(folder)
        rounds = _side_by_side(folder, arguments)
    lines, kept = report(rounds, idle_kb)
    print("\n" + "\n".join(lines))
    return 0 if kept else 1


def _side_by_side(folder: Path, arguments: argparse.Namespace) -> Rounds:
    """Start the contestants, put the loads on them in turn, end them."""
    # What is promised, is promised of one.
    gateways = sorted({1, *arguments.gateways})
    with contextlib.ExitStack() as started:
        print("Starting the engines (a minute or two) ...", flush=True)
        theirs = started.enter_context(vllm_server(folder))
        contestants: list[Contestant] = [
            theirs,
            started.enter_context(engine_alone(folder)),
            *(started.enter_context(rivulet_stack(folder, n)) for n in gateways),
        ]
        if arguments.unstored:
            contestants.append(started.enter_context(unstored_stack(folder)))
        if arguments.peers:
            contestants.append(started.enter_context(litellm_proxy(folder, theirs)))
        print(f"Measuring, {arguments.rounds} rounds a load ...", flush=True)
        return uvloop.run(measure(contestants, arguments.streams, arguments.rounds, _tell))


def _tell(streams: int) -> None:
    print(f"  {in_words(streams)} ...", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # What was started has ended by now.
        sys.exit(130)
