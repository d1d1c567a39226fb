"""The faults. Importing this package registers all of them in `FAULTS`. A new fault is one function in one of these modules."""

from simulation.chaos.faults import bank, clocks, cluster, disk, kill, links, memory, messages, stop
from simulation.chaos.faults.registry import FAULTS, Fault, Skipped

__all__ = ["FAULTS", "Fault", "Skipped", "bank", "clocks", "cluster", "disk", "kill", "links", "memory", "messages", "stop"]
