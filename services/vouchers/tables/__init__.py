"""The tables of vouchers. Those of the deadlines are in `deadlines/tables.py`, on the same base."""

from services.vouchers.tables.awards import AwardRow
from services.vouchers.tables.base import Table
from services.vouchers.tables.capacity import (
    BookingRow,
    CapacityChangeRow,
    CapacityEntryRow,
    CapacityRow,
    CorrectionRow,
    HoldingRow,
    SessionRow,
)
from services.vouchers.tables.changes import ChangeRow
from services.vouchers.tables.reports import ReportRow
from services.vouchers.tables.vouchers import ExtensionRow, RedemptionRow, VoucherRow
from services.vouchers.tables.workflows import LateSignalRow, StepRow

__all__ = [
    "AwardRow",
    "BookingRow",
    "CapacityChangeRow",
    "CapacityEntryRow",
    "CapacityRow",
    "ChangeRow",
    "CorrectionRow",
    "ExtensionRow",
    "HoldingRow",
    "LateSignalRow",
    "RedemptionRow",
    "ReportRow",
    "SessionRow",
    "StepRow",
    "Table",
    "VoucherRow",
]
