"""What strikes when, drawn from the seed: the same seed and number give the same round, whatever came before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.messaging.profile import BrokerKind
from simulation.chaos.faults import FAULTS, Fault
from simulation.demo.dice import Dice

MOST = 4
FIRST_SECOND, LAST_SECOND = 3, 38
"""A round's population opens its calls, decides, issues and pays within this time."""


@dataclass(frozen=True)
class Planned:
    """`at`: seconds after the round's beginning. `dice` decide the rest of the strike."""

    at: int
    fault: Fault
    dice: Dice


def round_dice(seed: int, number: int) -> Dice:
    return Dice(f"{seed}-{number}")


def possible_faults(broker: BrokerKind, brokers: int) -> list[Fault]:
    return [fault for _, fault in sorted(FAULTS.items()) if broker in fault.brokers and (brokers > 1 or not fault.cluster)]


def plan(seed: int, number: int, faults: Sequence[Fault]) -> list[Planned]:
    """One to `MOST` strikes. The first goes through all the faults in an order of the seed's, so that none is left out for long."""
    dice = round_dice(seed, number)
    order = sorted(faults, key=lambda fault: Dice(str(seed)).number("order", number // len(faults), fault.name))
    chosen = [order[number % len(order)]]
    chosen += [dice.one_of(faults, "fault", extra) for extra in range(dice.between(0, MOST - 1, "how many"))]
    strikes = [Planned(dice.between(FIRST_SECOND, LAST_SECOND, "at", n), fault, Dice(f"{dice.seed}-{n}")) for n, fault in enumerate(chosen)]
    return sorted(strikes, key=lambda strike: strike.at)
