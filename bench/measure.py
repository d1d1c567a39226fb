"""Runs one benchmark: its sides in turn (A B A B) on the same servers. Every sample is kept."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.declare import Aim, Benchmark
from bench.stack import Stack

ROUNDS, QUICK_ROUNDS = 5, 2


@dataclass(frozen=True, slots=True)
class Spread:
    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True)
class Result:
    """`samples` are by side, then metric, then round."""

    name: str
    title: str
    unit: str
    text: str
    machine: dict[str, str]
    quick: bool
    samples: dict[str, dict[str, list[float]]]
    notes: list[str] = field(default_factory=list)
    seconds: float = 0

    def spread(self, side: str, metric: str) -> Spread:
        return Spread.of(self.samples[side][metric])

    def verdicts(self, aims: tuple[Aim, ...]) -> list[tuple[str, Spread, Aim]]:
        """Returns for each aim its label and its spread. Ratios are computed within each round. Samples that are older than an aim may lack
        a side or a metric of it: then it has no verdict until it is measured."""
        found = []
        for aim in aims:
            if any(aim.metric and aim.metric not in self.samples.get(side, ()) for side in (aim.of, *aim.baselines)):
                continue
            for metric in [aim.metric] if aim.metric else self._common(aim):
                values, words = self.samples[aim.of][metric], f"{metric}, {aim.of}"
                if aim.baselines:
                    others = zip(*(self.samples[side][metric] for side in aim.baselines), strict=True)
                    values = [mine / min(theirs) for mine, theirs in zip(values, others, strict=True)]
                    words += f" / {' or '.join(aim.baselines)}"
                found.append((words, Spread.of(values), aim))
        return found

    def _common(self, aim: Aim) -> list[str]:
        sides = [self.samples[side] for side in (aim.of, *aim.baselines)]
        return [metric for metric in sides[0] if all(metric in side for side in sides)]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Result":
        return cls(**json.loads(path.read_text()))


async def measure(
    benchmark: Benchmark, machine: dict[str, str], quick: bool, report: Callable[[str], Any], baseline: Path | None = None
) -> Result:
    began = time.monotonic()
    result = Result(benchmark.name, benchmark.title, benchmark.unit, benchmark.text, machine, quick, {})
    rounds = QUICK_ROUNDS if quick else benchmark.rounds or ROUNDS
    async with Stack(quick, baseline) as stack, benchmark.sides(stack) as sides:
        for number in range(0 if benchmark.warm_up else 1, rounds + 1):
            for name, side in sides.items():
                found = await side()
                report(
                    f"{benchmark.name} {number or 'warm'}: {name}: "
                    + (", ".join(f"{metric} {value:,.1f}" for metric, value in found.items()) or "not in this round")
                )
                for metric, value in found.items() if number else ():
                    result.samples.setdefault(name, {}).setdefault(metric, []).append(round(value, 3))
    return Result(**{**asdict(result), "notes": stack.notes, "seconds": round(time.monotonic() - began)})
