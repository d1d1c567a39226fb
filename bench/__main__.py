"""`python -m bench [NAME ...] [--quick] [--from NAME]`: measures and writes docs/benchmarks (with --quick: var/benchmarks)."""

import argparse
import asyncio
import sys
from pathlib import Path

import structlog

from bench import report
from bench.declare import Benchmark, all_benchmarks
from bench.machine import describe
from bench.measure import Result, measure
from deploy.embedded.data_directory import REPOSITORY


def main() -> None:
    known = {benchmark.name: benchmark for benchmark in all_benchmarks()}
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks: " + ", ".join(known))
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; without a name, all that are not opt-in")
    parser.add_argument("--from", dest="first", metavar="NAME", choices=known, help="this one and those after it, by name")
    parser.add_argument("--quick", action="store_true", help="small sizes, written to var/benchmarks: only to check that it works")
    parser.add_argument("--pages", action="store_true", help="measure nothing: write tables and curves again from the samples")
    parser.add_argument("--baseline", type=Path, metavar="FOLDER", help="checkout to compare with; for the benchmark comparison")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    chosen = [known[name] for name in options.names] or [b for b in known.values() if not b.opt_in and b.name >= (options.first or "")]
    run(chosen, list(known.values()), options.quick, options.pages, options.baseline)


def run(chosen: list[Benchmark], known: list[Benchmark], quick: bool, pages_only: bool, baseline: Path | None = None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    folder = REPOSITORY / ("var/benchmarks" if quick else "docs/benchmarks")
    machine = describe()
    for benchmark in chosen:
        path = folder / f"{benchmark.name}.json"
        if not pages_only:
            result = asyncio.run(measure(benchmark, machine, quick, _print, baseline))
            report.write(result, benchmark, folder)
            for line in report.verdicts(result, benchmark):
                _print(line)
        elif path.exists():
            report.write(Result.read(path), benchmark, folder)
    report.index(folder, known)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
