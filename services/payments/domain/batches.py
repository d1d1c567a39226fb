"""A payment file of approved attempts: which of them may go now, and the content of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payments.domain.payees import debtor_of, form_of
from services.payments.iso20022.model import BatchFile, CreditTransfer, Party
from services.payments.iso20022.profiles import PROFILES
from services.payments.iso20022.rules import check_batch
from shared.calendars.banks import next_bank_day
from shared.kernel.money import Money
from shared.policy.bank_orders import BankOrders
from shared.policy.schema import Policy

LARGEST_BATCH = 500
"""Transfers in one file: with this many, reading the answer to it fits into one transaction."""


class WaitReason(StrEnum):
    """Why an approved attempt is not in the next file; `WAIT_MEANINGS` says it for people."""

    PROGRAMME_ENDED = "programme-ended"
    VOUCHER_SUSPENDED = "voucher-suspended"
    ACCOUNT_COOLING_OFF = "account-cooling-off"
    ACCOUNT_CHANGED = "account-changed"
    APPROVAL_OUTDATED = "approval-outdated"
    APPROVAL_UNPROVEN = "approval-unproven"
    ACCOUNT_UNPROVEN = "account-unproven"
    CLAIM_DIFFERS = "claim-differs"
    EARLIER_ATTEMPT_UNPROVEN = "earlier-attempt-unproven"
    NOT_PAYABLE = "not-payable"
    ORDERED_BEFORE_RESTORE = "ordered-before-restore"
    SEALER_TOOK_PART = "sealer-took-part"
    BANK_LINE_OPEN = "bank-line-open"


WAIT_MEANINGS: Mapping[WaitReason, str] = MappingProxyType(
    {
        WaitReason.PROGRAMME_ENDED: "The day on which the bank would pay is after the end of the programme.",
        WaitReason.VOUCHER_SUSPENDED: "The voucher is suspended. It is paid after an officer has lifted the suspension.",
        WaitReason.ACCOUNT_COOLING_OFF: "The payee's account is new. It is paid to when its cooling-off has ended.",
        WaitReason.ACCOUNT_CHANGED: "The payee has another account since the approval. Approve the payment again.",
        WaitReason.APPROVAL_OUTDATED: "An approval is of another payee, name, account or amount than the file would have.",
        WaitReason.APPROVAL_UNPROVEN: "No process of the service published an approval of it, so that somebody else wrote it.",
        WaitReason.ACCOUNT_UNPROVEN: "No process of the service published that persons registered, or proposed and confirmed, the account.",
        WaitReason.CLAIM_DIFFERS: "Payee, amount or voucher are not those of a claim that was lodged and accepted.",
        WaitReason.EARLIER_ATTEMPT_UNPROVEN: "No process of the service published that the bank rejected or returned an earlier "
        "attempt, so that it may be paid.",
        WaitReason.NOT_PAYABLE: "The bank's rules for payment files refuse it, for instance a name or an account.",
        WaitReason.ORDERED_BEFORE_RESTORE: "An order from before a restore may be the same payment (`triptych payments orphans`).",
        WaitReason.SEALER_TOOK_PART: "Who seals took another step of the case or of the call, so that another person has to seal it.",
        WaitReason.BANK_LINE_OPEN: "A line of the bank about it contradicts what is known. A person has to resolve the line.",
    }
)

FORGED = frozenset(
    {
        WaitReason.APPROVAL_OUTDATED,
        WaitReason.APPROVAL_UNPROVEN,
        WaitReason.ACCOUNT_UNPROVEN,
        WaitReason.CLAIM_DIFFERS,
        WaitReason.EARLIER_ATTEMPT_UNPROVEN,
    }
)
"""What no command leads to: somebody wrote to the database. Each is an error line."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An approved attempt, the `number`-th, with all that its transfer needs. `cooling_off_until`: the end of the account's cooling-off."""

    disbursement_id: UUID
    attempt_id: UUID
    amount: Money
    payee: Party
    voucher_code: str
    suspended: bool
    cooling_off_until: datetime | None
    number: int


def execution_day(policy: Policy, now: datetime) -> date:
    """The first bank day of the currency from the local day on which the batch is sealed."""
    return next_bank_day(now.astimezone(ZoneInfo(policy.zone)).date(), policy.currency)


def reason_to_wait(candidate: Candidate, policy: Policy, now: datetime, orders: BankOrders | None = None) -> WaitReason | None:
    """Why the attempt cannot be paid now; None when it can. `orders`: how the bank wants them."""
    if execution_day(policy, now) > policy.programme_end:
        return WaitReason.PROGRAMME_ENDED
    if candidate.suspended:
        return WaitReason.VOUCHER_SUSPENDED
    if candidate.cooling_off_until is not None and now < candidate.cooling_off_until:
        return WaitReason.ACCOUNT_COOLING_OFF
    if check_batch(batch_file(UUID(int=0), policy, [candidate], now, orders)):
        return WaitReason.NOT_PAYABLE
    return None


def batch_file(
    batch_id: UUID, policy: Policy, candidates: Sequence[Candidate], sealed_at: datetime, orders: BankOrders | None = None
) -> BatchFile:
    """In the order of the disbursements' ids, so that the same batch has the same bytes in whatever order it was read."""
    ordered = sorted(candidates, key=lambda candidate: candidate.disbursement_id)
    return BatchFile(
        batch_id=batch_id,
        profile=PROFILES[policy.bank.profile],
        sealed_at=sealed_at,
        execution_on=execution_day(policy, sealed_at),
        debtor=debtor_of(policy.bank, orders),
        transfers=tuple(map(_transfer, ordered)),
        batch_booking=orders is None or orders.batch_booking is not False,
        form=form_of(orders),
    )


def _transfer(candidate: Candidate) -> CreditTransfer:
    remittance = f"Voucher {candidate.voucher_code} payment {candidate.disbursement_id.hex}"
    return CreditTransfer(candidate.disbursement_id, candidate.attempt_id, candidate.amount, candidate.payee, remittance, candidate.number)
