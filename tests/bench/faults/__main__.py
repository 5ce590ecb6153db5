"""Run fault rounds until the asked counts are reached, and print one table over all of them.

Every round is appended to a file as soon as it is over: an interrupted run goes on where it was.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import uvloop

from tests.bench.faults.catalogue import FAULTS
from tests.bench.faults.results import HEAD, ResultFile, RoundResult, percentile, row
from tests.bench.faults.round import Fault, Options, run_round
from tests.bench.faults.stack import Stack, StackPlan

_STATE = Path("build/bench-faults")
_INTERRUPTED = 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="NAME", help=f"default: {' '.join(FAULTS)}")
    parser.add_argument("--count", type=int, help="faults in all, earlier runs included")
    parser.add_argument("--rate", type=float, help="faults a second")
    parser.add_argument("--per-round", type=int, help="faults in one round")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--replies", type=int, default=16, help="replies that run at all times")
    parser.add_argument("--ack-wait", type=float, help="RIVULET_ACK_WAIT_S of the workers")
    parser.add_argument("--seed", default="1", help="of prompts and moments")
    parser.add_argument("--state", type=Path, default=_STATE, help="folder of the results")
    parser.add_argument("--keep", action="store_true", help="keep the processes' logs when clean")
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.faults) - FAULTS.keys())
    if unknown:
        parser.error(f"no fault is called {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    return arguments


async def _run_all(arguments: argparse.Namespace, results: ResultFile) -> None:
    """Run every asked fault; SIGTERM ends the run as Ctrl-C does, with its processes."""
    run = asyncio.current_task()
    assert run is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, run.cancel)
    for name in arguments.faults or FAULTS:
        await _run(FAULTS[name], arguments, results)


async def _run(fault: Fault, arguments: argparse.Namespace, results: ResultFile) -> None:
    """Run rounds of one fault on one stack until its count is reached."""
    count = arguments.count or fault.count
    done = _injected(results, fault)
    if done >= count:
        return
    folder = Path(tempfile.mkdtemp(prefix=f"rivulet-{fault.name}-"))
    keep = arguments.keep
    try:
        async with Stack(folder, _plan(fault, arguments)) as stack:
            while done < count:
                options = Options(
                    injections=min(arguments.per_round or fault.per_round, count - done),
                    rate=arguments.rate or fault.rate,
                    replies=arguments.replies,
                    seed=f"{arguments.seed}.{len(results.rounds(fault.name))}",
                )
                result = await run_round(fault, stack, options)
                results.append(result)
                done += result.injected
                keep = keep or not result.clean
                _report(result, done, count, folder)
    except Exception:
        keep = True
        print(f"{fault.name}: the run broke off, its logs are in {folder}", flush=True)
        raise
    finally:
        if not keep:
            shutil.rmtree(folder)


def _plan(fault: Fault, arguments: argparse.Namespace) -> StackPlan:
    return replace(
        fault.plan,
        workers=arguments.workers or fault.plan.workers,
        ack_wait_s=arguments.ack_wait or fault.plan.ack_wait_s,
    )


def _injected(results: ResultFile, fault: Fault) -> int:
    return sum(result.injected for result in results.rounds(fault.name))


def _report(result: RoundResult, done: int, count: int, folder: Path) -> None:
    verdict = "clean" if result.clean else f"NOT CLEAN, its logs are in {folder}"
    print(
        f"{result.fault} {done:,} of {count:,}: {result.replies} replies, {result.tokens:,} tokens "
        f"in {result.seconds} s, {verdict}",
        flush=True,
    )
    for complaint in result.complaints:
        print(f"  {complaint}", flush=True)


def _print_table(results: ResultFile) -> bool:
    """Print a line for each fault that was run; tell whether all of them are as they must be."""
    clean = True
    print(f"\n{HEAD}")
    for fault in FAULTS.values():
        rounds = results.rounds(fault.name)
        if rounds:
            print(row(fault.what, fault.latency, rounds))
            clean = clean and all(result.clean for result in rounds)
            if not _is_within(fault, rounds):
                print(f"{fault.name}: over its bound of {fault.bound_ms:,.0f} ms (p99)")
                clean = False
    return clean


def _is_within(fault: Fault, rounds: Sequence[RoundResult]) -> bool:
    """Tell whether the latencies keep their bound; it holds on a machine that does nothing else."""
    latencies = [value for result in rounds for value in result.latencies_ms]
    return not latencies or fault.bound_ms is None or percentile(latencies, 0.99) <= fault.bound_ms


def main() -> int:
    """Run what is missing and print the table; 1 when anything was wrong in any round."""
    arguments = _arguments()
    results = ResultFile(arguments.state)
    try:
        if not arguments.table:
            uvloop.run(_run_all(arguments, results))
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("Interrupted; the same command goes on from here.")
        return _INTERRUPTED
    finally:
        clean = _print_table(results)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
