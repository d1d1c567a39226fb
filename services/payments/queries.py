"""What pages and API show, read from the tables."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.tables import (
    AttemptRow,
    BankFileRow,
    BankLineRow,
    BatchRow,
    ClaimRow,
    DisbursementRow,
    EnvelopeRow,
    EvidenceRow,
    LedgerAccountRow,
    LedgerEntryRow,
    LedgerPostingRow,
    PayeeRow,
    RecoveryRow,
    VoucherRow,
)
from shared.web.paging import Sorting

ENVELOPES = Sorting({"slug": EnvelopeRow.slug, "region": EnvelopeRow.region}, tie=EnvelopeRow.call_id, default="slug")
ENTRIES = Sorting({"position": LedgerEntryRow.position}, tie=LedgerEntryRow.id, default="position")
PAYEES = Sorting({"account_set_at": PayeeRow.account_set_at, "region": PayeeRow.region}, tie=PayeeRow.id, default="-account_set_at")
CLAIMS = Sorting({"lodged_at": ClaimRow.lodged_at, "check_by": ClaimRow.check_by}, tie=ClaimRow.id, default="lodged_at")
DISBURSEMENTS = Sorting(
    {"prepared_at": DisbursementRow.prepared_at, "amount_minor": DisbursementRow.amount_minor},
    tie=DisbursementRow.id,
    default="prepared_at",
)
BATCHES = Sorting({"sealed_at": BatchRow.sealed_at}, tie=BatchRow.id, default="-sealed_at")
BANK_FILES = Sorting({"taken_at": BankFileRow.taken_at}, tie=BankFileRow.sha256, default="-taken_at")
UNMATCHED = Sorting({"line": BankLineRow.line}, tie=BankLineRow.id, default="line")
RECOVERIES = Sorting({"ordered_at": RecoveryRow.ordered_at}, tie=RecoveryRow.id, default="-ordered_at")


def waits_for_finance() -> ColumnElement[bool]:
    """Of a claim: accepted, and nobody has prepared its payment yet."""
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    return (col(ClaimRow.state) == "accepted") & ~disbursed


async def ledger_balances(session: AsyncSession, call_id: UUID) -> dict[str, int]:
    """The balance of each account of the call, from its postings; they add up to zero."""
    query = (
        select(col(LedgerAccountRow.name), func.coalesce(func.sum(col(LedgerPostingRow.amount_minor)), 0))
        .outerjoin(LedgerPostingRow, col(LedgerPostingRow.account_id) == col(LedgerAccountRow.id))
        .where(col(LedgerAccountRow.call_id) == call_id)
        .group_by(col(LedgerAccountRow.name))
    )
    return {name: int(balance) for name, balance in (await session.execute(query)).all()}


async def postings_of(session: AsyncSession, entry_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """(account, amount) of each entry, what is taken first."""
    query = (
        select(col(LedgerPostingRow.entry_id), col(LedgerAccountRow.name), col(LedgerPostingRow.amount_minor))
        .join(LedgerAccountRow, col(LedgerAccountRow.id) == col(LedgerPostingRow.account_id))
        .where(col(LedgerPostingRow.entry_id).in_(entry_ids))
        .order_by(col(LedgerPostingRow.amount_minor))
    )
    found: dict[UUID, list[tuple[str, int]]] = {entry_id: [] for entry_id in entry_ids}
    for entry_id, account, amount_minor in (await session.execute(query)).all():
        found[entry_id].append((account, amount_minor))
    return found


async def evidence_of(session: AsyncSession, claim_ids: Sequence[UUID]) -> dict[UUID, list[EvidenceRow]]:
    query = select(EvidenceRow).where(col(EvidenceRow.claim_id).in_(claim_ids)).order_by(col(EvidenceRow.number))
    found: dict[UUID, list[EvidenceRow]] = {claim_id: [] for claim_id in claim_ids}
    for row in await session.scalars(query):
        found[row.claim_id].append(row)
    return found


async def disbursement_ids_of(session: AsyncSession, claim_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Claim → its disbursement, where there is one."""
    query = select(col(DisbursementRow.claim_id), col(DisbursementRow.id)).where(col(DisbursementRow.claim_id).in_(claim_ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def attempts_of(session: AsyncSession, rows: Sequence[DisbursementRow]) -> dict[UUID, AttemptRow]:
    """Disbursement → its latest attempt."""
    query = select(AttemptRow).where(col(AttemptRow.disbursement_id).in_([row.id for row in rows])).order_by(col(AttemptRow.number))
    return {attempt.disbursement_id: attempt for attempt in await session.scalars(query)}


async def application_ids_of(session: AsyncSession, voucher_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Voucher → the application that it came from."""
    query = select(col(VoucherRow.id), col(VoucherRow.application_id)).where(col(VoucherRow.id).in_(voucher_ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def currencies_of(session: AsyncSession, voucher_ids: Sequence[UUID]) -> dict[UUID, str]:
    query = select(col(VoucherRow.id), col(VoucherRow.currency)).where(col(VoucherRow.id).in_(voucher_ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def find_case(session: AsyncSession, ref: UUID) -> dict[str, Any] | None:
    """The application, call, region and kind of whatever has this id."""
    for kind, row in _CASES.items():
        found = await session.get(row, ref)
        if found is not None:
            return await _case_of(session, kind, found)
    return None


async def _case_of(session: AsyncSession, kind: str, found: Any) -> dict[str, Any]:
    if isinstance(found, AttemptRow):
        found = await session.get_one(DisbursementRow, found.disbursement_id)
    voucher_id = getattr(found, "voucher_id", None)
    voucher = await session.get_one(VoucherRow, voucher_id) if voucher_id else found
    return {
        "application_id": getattr(voucher, "application_id", None),
        "call_id": getattr(voucher, "call_id", None),
        "region": found.region,
        "kind": kind,
    }


_CASES: dict[str, Any] = {
    "voucher": VoucherRow,
    "claim": ClaimRow,
    "disbursement": DisbursementRow,
    "attempt": AttemptRow,
    "recovery": RecoveryRow,
    "batch": BatchRow,
    "payee": PayeeRow,
    "envelope": EnvelopeRow,
}
