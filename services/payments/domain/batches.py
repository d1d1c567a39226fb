"""A bank file from approved attempts: which may go now, and what stands in the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payments.domain.payees import debtor_of
from services.payments.iso20022.model import BatchFile, CreditTransfer, Party, Profile
from services.payments.iso20022.rules import check_batch
from shared.calendars.banks import next_bank_day
from shared.kernel.money import Money
from shared.policy.schema import Policy

LARGEST_BATCH = 500
"""Transfers in one file: an answer to it stays a transaction of a bearable size."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved attempt with all that its transfer needs. `cooling_off_until` is the end of the account's cooling-off."""

    disbursement_id: UUID
    attempt_id: UUID
    amount: Money
    payee: Party
    voucher_code: str
    suspended: bool
    cooling_off_until: datetime | None


def execution_day(policy: Policy, now: datetime) -> date:
    """The first bank day of the currency from the local day on which the batch is sealed."""
    return next_bank_day(now.astimezone(ZoneInfo(policy.zone)).date(), policy.currency)


def reason_to_wait(candidate: Candidate, policy: Policy, now: datetime) -> str | None:
    """Why it cannot go now: programme-ended, voucher-suspended, account-resting, not-payable; None when it can."""
    if execution_day(policy, now) > policy.programme_end:
        return "programme-ended"
    if candidate.suspended:
        return "voucher-suspended"
    if candidate.cooling_off_until is not None and now < candidate.cooling_off_until:
        return "account-resting"
    if check_batch(batch_file(UUID(int=0), policy, [candidate], now)):
        return "not-payable"
    return None


def batch_file(batch_id: UUID, policy: Policy, candidates: Sequence[Candidate], sealed_at: datetime) -> BatchFile:
    """In the order of the disbursements' ids, so that the same batch has the same bytes however it was gathered."""
    ordered = sorted(candidates, key=lambda candidate: candidate.disbursement_id)
    return BatchFile(
        batch_id=batch_id,
        profile=Profile(policy.bank.profile),
        sealed_at=sealed_at,
        execution_on=execution_day(policy, sealed_at),
        debtor=debtor_of(policy.bank),
        transfers=tuple(map(_transfer, ordered)),
    )


def _transfer(candidate: Candidate) -> CreditTransfer:
    remittance = f"Voucher {candidate.voucher_code} payment {candidate.disbursement_id.hex}"
    return CreditTransfer(candidate.disbursement_id, candidate.attempt_id, candidate.amount, candidate.payee, remittance)
