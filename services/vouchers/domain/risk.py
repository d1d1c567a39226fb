"""Vouchers that an officer should look at before it is too late."""

from datetime import timedelta
from enum import StrEnum


class Risk(StrEnum):
    """EXPIRING: its validity ends soon. SILENT: it is valid for a while, and nothing was claimed. OVERDUE: another party's answer is late.
    SUSPENDED: it waits for an officer."""

    EXPIRING = "expiring"
    SILENT = "silent"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"


EXPIRING_WITHIN = timedelta(days=30)
"""A month is what a beneficiary needs to finish and claim; it only sorts a list and ends nothing."""
SILENT_AFTER = timedelta(days=60)
"""Since its issue. It only sorts a list, too."""
