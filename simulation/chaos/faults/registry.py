"""The registry of faults. A fault is a coroutine that injects it, undoes it where that is needed, and returns a line for the report."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.messaging.profile import BrokerKind
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

Injection = Callable[[Target, SeededRandom], Awaitable[str]]


class Skipped(Exception):
    """Raised when the fault cannot be injected now. The round continues without it."""


@dataclass(frozen=True)
class Fault:
    """`brokers`: those on which the fault is possible. `cluster`: only with three brokers."""

    name: str
    inject: Injection
    brokers: frozenset[BrokerKind]
    cluster: bool

    @property
    def description(self) -> str:
        return (self.inject.__doc__ or "").split("\n")[0]


FAULTS: dict[str, Fault] = {}


def fault(name: str, *brokers: BrokerKind, cluster: bool = False) -> Callable[[Injection], Injection]:
    """Registers a fault under `name`, for these brokers or, without any, for all.

    The name is part of the seeded plan (`plan_round`): renaming a fault changes the campaigns of every seed.
    """

    def register(inject: Injection) -> Injection:
        FAULTS[name] = Fault(name, inject, frozenset(brokers or BrokerKind), cluster)
        return inject

    return register
