"""The tables of payments: envelopes and vouchers as running totals, the ledger, claims, payees, disbursements, files of the bank.

A running total says what may still be done and is changed by one statement; the ledger says what was done and is never
changed. Tests hold the two against each other.
"""

from services.payments.tables.bank_files import BankFileActRow, BankFileRow, BankLineRow, BankUploadRow, StatementRow
from services.payments.tables.bank_words import BankWordsRow
from services.payments.tables.base import Table
from services.payments.tables.batches import BatchRow, BatchTransferRow
from services.payments.tables.changes import ProviderChangeRow, ValueChangeRow
from services.payments.tables.claim_drafts import ClaimDraftRow, ClaimFileRow, ClaimLineRow, DraftLineRow
from services.payments.tables.claims import ClaimRow, EvidenceRow
from services.payments.tables.deposits import DepositRow
from services.payments.tables.disbursements import ApprovalRow, AttemptRow, DisbursementRow
from services.payments.tables.envelopes import EnvelopeRow
from services.payments.tables.expenditure import ExpenditureReportRow, RateRow, ReportedPaymentRow
from services.payments.tables.in_kind import CallWithoutMoneyRow
from services.payments.tables.instalments import BalanceRow, GuaranteeRow
from services.payments.tables.ledger import LedgerAccountRow, LedgerEntryRow, LedgerPostingRow
from services.payments.tables.orders import OrderRow
from services.payments.tables.payees import AccountProposalRow, PayeeAccountRow, PayeeRow
from services.payments.tables.proposals import EnvelopeChangeRow, LinePartRow, LineProposalRow, OutcomeProofRow
from services.payments.tables.providers import ApplicantRow, EndedApplicationRow, ProviderRow, ProviderStepRow
from services.payments.tables.recoveries import RecoveryRow
from services.payments.tables.relations import RelationRow
from services.payments.tables.restores import HoldRow, OrphanOrderRow
from services.payments.tables.state_aid import AidApplicantRow, AidEntryRow, DeclaredAidRow, UndertakingEdgeRow
from services.payments.tables.vouchers import VoucherRow

__all__ = [
    "AccountProposalRow",
    "AidApplicantRow",
    "AidEntryRow",
    "ApplicantRow",
    "ApprovalRow",
    "AttemptRow",
    "BalanceRow",
    "BankFileActRow",
    "BankFileRow",
    "BankLineRow",
    "BankUploadRow",
    "BankWordsRow",
    "BatchRow",
    "BatchTransferRow",
    "CallWithoutMoneyRow",
    "ClaimDraftRow",
    "ClaimFileRow",
    "ClaimLineRow",
    "ClaimRow",
    "DeclaredAidRow",
    "DepositRow",
    "DisbursementRow",
    "DraftLineRow",
    "EndedApplicationRow",
    "EnvelopeChangeRow",
    "EnvelopeRow",
    "EvidenceRow",
    "ExpenditureReportRow",
    "GuaranteeRow",
    "HoldRow",
    "LedgerAccountRow",
    "LedgerEntryRow",
    "LedgerPostingRow",
    "LinePartRow",
    "LineProposalRow",
    "OrderRow",
    "OrphanOrderRow",
    "OutcomeProofRow",
    "PayeeAccountRow",
    "PayeeRow",
    "ProviderChangeRow",
    "ProviderRow",
    "ProviderStepRow",
    "RateRow",
    "RecoveryRow",
    "RelationRow",
    "ReportedPaymentRow",
    "StatementRow",
    "Table",
    "UndertakingEdgeRow",
    "ValueChangeRow",
    "VoucherRow",
]
