"""Processes of the machine, as tests look at them."""

from collections.abc import Iterable

import psutil


def have_ended(processes: Iterable[psutil.Process]) -> bool:
    """One that nobody has waited for yet has ended, too."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
