"""All faults, by name. A fault is a coroutine that strikes, undoes what it did if that does not undo itself, and says what it struck."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.messaging.profile import BrokerKind
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

Strike = Callable[[Field, Dice], Awaitable[str]]


class Missed(Exception):
    """There was nothing to strike, or no means to; the round goes on without."""


@dataclass(frozen=True)
class Fault:
    """`brokers`: on which it can happen. `cluster`: only where three brokers run."""

    name: str
    strike: Strike
    brokers: frozenset[BrokerKind]
    cluster: bool

    @property
    def about(self) -> str:
        return (self.strike.__doc__ or "").split("\n")[0]


FAULTS: dict[str, Fault] = {}


def fault(name: str, *brokers: BrokerKind, cluster: bool = False) -> Callable[[Strike], Strike]:
    """Enters a strike under `name`; on all brokers when none is named."""

    def enter(strike: Strike) -> Strike:
        FAULTS[name] = Fault(name, strike, frozenset(brokers or BrokerKind), cluster)
        return strike

    return enter
