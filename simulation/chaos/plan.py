"""Draws from the seed which faults a round injects and when. The same seed and number give the same round, whatever ran before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.messaging.profile import BrokerKind
from simulation.chaos.faults import FAULTS, Fault
from simulation.demo.seeded_random import SeededRandom

MAX_FAULTS = 4
FIRST_SECOND, LAST_SECOND = 3, 38
"""The workload opens its calls, decides, issues and pays within this time."""


@dataclass(frozen=True)
class PlannedFault:
    """`at`: seconds after the start of the round. `random` decides every other choice of the fault."""

    at: int
    fault: Fault
    random: SeededRandom


def round_random(seed: int, number: int) -> SeededRandom:
    return SeededRandom(f"{seed}-{number}")


def possible_faults(broker: BrokerKind, brokers: int) -> list[Fault]:
    """Faults that this broker, with this number of brokers, can have; sorted by name."""
    return [fault for _, fault in sorted(FAULTS.items()) if broker in fault.brokers and (brokers > 1 or not fault.cluster)]


def plan_round(seed: int, number: int, faults: Sequence[Fault]) -> list[PlannedFault]:
    """One to `MAX_FAULTS` faults, sorted by time.

    The first one comes from a seeded order of all faults, so that as many rounds as there are faults inject each of them. That order
    is computed from the faults' names: a renamed fault changes the campaigns of every seed.
    """
    random = round_random(seed, number)
    order = sorted(faults, key=lambda fault: SeededRandom(str(seed)).number("order", number // len(faults), fault.name))
    chosen = [order[number % len(order)]]
    chosen += [random.one_of(faults, "fault", extra) for extra in range(random.between(0, MAX_FAULTS - 1, "how many"))]
    planned = [
        PlannedFault(random.between(FIRST_SECOND, LAST_SECOND, "at", n), fault, SeededRandom(f"{random.seed}-{n}"))
        for n, fault in enumerate(chosen)
    ]
    return sorted(planned, key=lambda each: each.at)
