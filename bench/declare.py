"""Declares benchmarks: a title, aims, and one function that yields the sides to measure in turn."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from inspect import cleandoc
from pkgutil import iter_modules

from bench.stack import Stack

Figures = Mapping[str, float]
"""The results of one turn of one side, by metric."""
Side = Callable[[], Awaitable[Figures]]
Sides = dict[str, Side]


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound on a metric of one side or, if `to` names a baseline, on its ratio to the baseline in the same round.

    `to` may name several baselines: the lowest value counts. Without `metric`: each metric that the sides have in common.
    `always`: in every round, as for errors, of which none is wanted; else the median decides.
    """

    of: str
    to: str | tuple[str, ...] = ()
    metric: str = ""
    at_least: float | None = None
    at_most: float | None = None
    always: bool = False

    @property
    def baselines(self) -> tuple[str, ...]:
        return (self.to,) if isinstance(self.to, str) else self.to

    def met_by(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


@dataclass(frozen=True)
class Benchmark:
    name: str
    title: str
    unit: str
    text: str
    aims: tuple[Aim, ...]
    warm_up: bool
    opt_in: bool
    rounds: int | None
    sides: Callable[[Stack], AbstractAsyncContextManager[Sides]]


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(
    title: str, *, unit: str, aims: tuple[Aim, ...] = (), warm_up: bool = True, opt_in: bool = False, rounds: int | None = None
) -> Callable[[Callable[[Stack], AsyncIterator[Sides]]], Benchmark]:
    """Declares the decorated generator as a benchmark: it sets up on the stack, yields its sides once, and cleans up.

    `warm_up`: the first round is not counted. `opt_in`: runs only if it is named. `rounds`: instead of the usual number.
    """

    def declare(sides: Callable[[Stack], AsyncIterator[Sides]]) -> Benchmark:
        name = sides.__module__.rpartition(".")[2]
        text = cleandoc(sides.__doc__ or "")
        BENCHMARKS[name] = Benchmark(name, title, unit, text, aims, warm_up, opt_in, rounds, asynccontextmanager(sides))
        return BENCHMARKS[name]

    return declare


def all_benchmarks() -> list[Benchmark]:
    """Returns all benchmarks, sorted by name."""
    package = import_module("bench.figures")
    for module in iter_modules(package.__path__):
        import_module(f"bench.figures.{module.name}")
    return [BENCHMARKS[name] for name in sorted(BENCHMARKS)]
