"""The faults. Importing this package enters all of them in `FAULTS`; a new one is a function in one of these modules."""

from simulation.chaos.faults import bank, clocks, cluster, disk, kill, links, memory, messages, stop
from simulation.chaos.faults.registry import FAULTS, Fault, Missed

__all__ = ["FAULTS", "Fault", "Missed", "bank", "clocks", "cluster", "disk", "kill", "links", "memory", "messages", "stop"]
