"""What payments does when others tell it something."""

from services.payments.commands.commit_funds import commit_funds
from services.payments.commands.end_voucher import end_claims, revoke_voucher, withdraw_voucher
from services.payments.commands.follow_voucher import extend_voucher, issue_voucher, resume_voucher, suspend_voucher
from services.payments.commands.mark_claim_overdue import mark_claim_overdue
from services.payments.commands.note_silence import note_silence
from services.payments.commands.open_envelope import open_envelope
from services.payments.commands.release_funds import release_funds
from services.payments.commands.reserve_funds import reserve_funds
from shared.contracts.applications import CallPublished
from shared.contracts.vouchers import (
    FundsReleaseRequested,
    FundsReservationRequested,
    MilestoneReached,
    VoucherAccepted,
    VoucherExtended,
    VoucherIssued,
    VoucherResumed,
    VoucherRevoked,
    VoucherSuspended,
    VoucherWithdrawn,
)
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers

MILESTONES = {"claim-window-ends": end_claims, "claim-check-due": mark_claim_overdue, "bank-silence": note_silence}
"""The kinds that concern money; the others pass."""


async def reach_milestone(context: Context, reached: MilestoneReached) -> None:
    if reached.kind in MILESTONES:
        await MILESTONES[reached.kind](context, reached)


HANDLERS: Handlers = {
    CallPublished: open_envelope,
    FundsReservationRequested: reserve_funds,
    VoucherAccepted: commit_funds,
    FundsReleaseRequested: release_funds,
    VoucherIssued: issue_voucher,
    VoucherExtended: extend_voucher,
    VoucherSuspended: suspend_voucher,
    VoucherResumed: resume_voucher,
    VoucherWithdrawn: withdraw_voucher,
    VoucherRevoked: revoke_voucher,
    MilestoneReached: reach_milestone,
}
