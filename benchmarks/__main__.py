"""``python -m benchmarks``: measures, and prints each figure with what was measured.

Exits 0 whether figures are met or not; only a crash is a failure.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks.auditing import diff, escalating, findings, proving
from benchmarks.checks import first, hot, warm, written
from benchmarks.compiling import compiling
from benchmarks.directories import directory
from benchmarks.explaining import explaining
from benchmarks.granting import granting
from benchmarks.growth import growth
from benchmarks.loading import formatting, loading, proof
from benchmarks.measurement import FULL, QUICK, Measurement, Scale
from benchmarks.peers import casbin, cedar
from benchmarks.people import who
from benchmarks.policy_tests import policy_tests
from benchmarks.processes import cold, importing, reporting
from benchmarks.replaying import replaying
from benchmarks.report import as_json, show
from benchmarks.reviewing import access
from benchmarks.wire import parsing

GROUPS: dict[str, Callable[[Scale], Iterator[Measurement]]] = {
    "hot": hot,
    "written": written,
    "warm": warm,
    "first": first,
    "compiled": compiling,
    "explain": explaining,
    "casbin": casbin,
    "cedar": cedar,
    "growth": growth,
    "directory": directory,
    "granting": granting,
    "access": access,
    "load": loading,
    "fmt": formatting,
    "wire": parsing,
    "import": importing,
    "cold": cold,
    "proof": proof,
    "diff": diff,
    "prove": proving,
    "report": reporting,
    "escalation": escalating,
    "replay": replaying,
    "findings": findings,
    "people": who,
    "policytests": policy_tests,
}
"""Every group of measurements that one run interleaves, by the name `--only` takes."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the groups that were asked for and prints what they measured."""
    arguments = _parser().parse_args(argv)
    scale = QUICK if arguments.quick else FULL
    measurements: list[Measurement] = []
    for name in arguments.only or GROUPS:
        if sys.stderr.isatty():
            print(f"measuring {name} ...", file=sys.stderr)
        measurements += GROUPS[name](scale)
    if arguments.json:
        print(as_json(measurements, arguments.quick))
    else:
        show(measurements, arguments.quick)
    return 0


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<10}  {group.__doc__}" for name, group in GROUPS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures rbac, and holds each measurement against its figure.",
        epilog=f"groups:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds")
    parser.add_argument(
        "--only", action="append", choices=GROUPS, metavar="NAME", help="one group; repeatable"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
