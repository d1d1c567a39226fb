"""The tables of payments: envelopes and vouchers as running totals, the ledger, claims, payees, disbursements, bank files.

A running total says what may still be done and is changed by one statement; the ledger says what was done and is never
changed. Tests hold the two against each other.
"""

from services.payments.tables.bank import BankFileRow, BankLineRow, BatchRow, BatchTransferRow, HoldRow, OrphanOrderRow
from services.payments.tables.base import Table
from services.payments.tables.money import (
    ApprovalRow,
    AttemptRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeRow,
    EvidenceRow,
    LedgerAccountRow,
    LedgerEntryRow,
    LedgerPostingRow,
    PayeeAccountRow,
    PayeeRow,
    RecoveryRow,
    VoucherRow,
)

__all__ = [
    "ApprovalRow",
    "AttemptRow",
    "BankFileRow",
    "BankLineRow",
    "BatchRow",
    "BatchTransferRow",
    "ClaimRow",
    "DisbursementRow",
    "EnvelopeRow",
    "EvidenceRow",
    "HoldRow",
    "LedgerAccountRow",
    "LedgerEntryRow",
    "LedgerPostingRow",
    "OrphanOrderRow",
    "PayeeAccountRow",
    "PayeeRow",
    "RecoveryRow",
    "Table",
    "VoucherRow",
]
