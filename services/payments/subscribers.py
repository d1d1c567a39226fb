"""Each event that payments consumes, with the command that it calls."""

from collections.abc import Mapping

from services.payments.commands.apply_voucher_revocation import apply_voucher_revocation
from services.payments.commands.apply_voucher_withdrawal import apply_voucher_withdrawal
from services.payments.commands.change_voucher_value import change_voucher_value
from services.payments.commands.close_claim_window import close_claim_window
from services.payments.commands.commit_funds import commit_funds
from services.payments.commands.end_claim_correction import end_claim_correction
from services.payments.commands.erase_subject import erase_subject
from services.payments.commands.lapse_deposit import lapse_deposit
from services.payments.commands.mark_claim_overdue import mark_claim_overdue
from services.payments.commands.mark_outcome_unknown import mark_outcome_unknown
from services.payments.commands.open_envelope import open_envelope
from services.payments.commands.propose_left_over import propose_left_over
from services.payments.commands.record_aid_applicant import record_aid_applicant
from services.payments.commands.record_applicant import record_applicant
from services.payments.commands.record_application import end_application, record_application
from services.payments.commands.record_provider_changed import record_provider_changed
from services.payments.commands.record_undertaking_link import record_undertaking_link
from services.payments.commands.record_voucher_extended import record_voucher_extended
from services.payments.commands.record_voucher_issued import record_voucher_issued
from services.payments.commands.record_voucher_suspended import record_voucher_resumed, record_voucher_suspended
from services.payments.commands.release_balance import lapse_balance, release_balance
from services.payments.commands.release_funds import release_funds
from services.payments.commands.remove_case import remove_case
from services.payments.commands.reserve_aid_in_kind import grant_aid_in_kind, release_aid_in_kind, reserve_aid_in_kind
from services.payments.commands.reserve_funds import reserve_funds
from services.payments.steps.in_kind import of_money
from shared.contracts.applications import (
    ApplicantJoined,
    ApplicantMemberRecorded,
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallPublished,
    CaseRemoved,
    SchemeFilePublished,
    SubjectErased,
)
from shared.contracts.evaluation import AwardRefused, EvaluatorAssigned
from shared.contracts.milestones import by_kind
from shared.contracts.people import UndertakingLinkRecorded
from shared.contracts.scheme_files import keep_scheme_file
from shared.contracts.vouchers import (
    AmountChangeRequested,
    FundsReleaseRequested,
    FundsReservationRequested,
    MilestoneReached,
    ProviderChanged,
    ReportAccepted,
    UnitsReleased,
    UnitsReserved,
    VoucherAccepted,
    VoucherExtended,
    VoucherIssued,
    VoucherResumed,
    VoucherRevoked,
    VoucherSuspended,
    VoucherWithdrawn,
)
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.acts import record_act
from shared.messaging.context import Context
from shared.messaging.inbox import Handler, Handlers

MILESTONES: Mapping[MilestoneKind, Handler] = {
    MilestoneKind.CLAIM_WINDOW_ENDS: close_claim_window,
    MilestoneKind.CLAIM_CHECK_DUE: mark_claim_overdue,
    MilestoneKind.CLAIM_CORRECTION_ENDS: end_claim_correction,
    MilestoneKind.BANK_SILENCE: mark_outcome_unknown,
    MilestoneKind.FINAL_REPORT_DUE: lapse_balance,
    MilestoneKind.DEPOSIT_DUE: lapse_deposit,
    MilestoneKind.RESERVE_LIST_ENDS: propose_left_over,
}


async def _record_eligible(context: Context, found: ApplicationFoundEligible) -> None:
    """For providers, and for the ceiling of aid."""
    await record_applicant(context, found)
    await record_aid_applicant(context, found)


async def _record_submitted(context: Context, submitted: ApplicationSubmitted) -> None:
    """Who applies, and the part that a person took."""
    await record_application(context, submitted)
    await record_act(context, submitted)


HANDLERS: Handlers = {
    **dict.fromkeys((ApplicantJoined, ApplicantMemberRecorded, EvaluatorAssigned), record_act),
    ApplicationSubmitted: of_money(_record_submitted, record_act),
    **dict.fromkeys((ApplicationWithdrawn, ApplicationFoundIneligible, AwardRefused), of_money(end_application)),
    ApplicationFoundEligible: of_money(_record_eligible, record_aid_applicant),
    UndertakingLinkRecorded: record_undertaking_link,
    CallPublished: open_envelope,
    SchemeFilePublished: keep_scheme_file,
    SubjectErased: erase_subject,
    FundsReservationRequested: reserve_funds,
    VoucherAccepted: of_money(commit_funds, grant_aid_in_kind),
    UnitsReserved: reserve_aid_in_kind,
    UnitsReleased: release_aid_in_kind,
    FundsReleaseRequested: release_funds,
    VoucherIssued: of_money(record_voucher_issued),
    VoucherExtended: of_money(record_voucher_extended),
    ProviderChanged: record_provider_changed,
    AmountChangeRequested: change_voucher_value,
    ReportAccepted: release_balance,
    VoucherSuspended: of_money(record_voucher_suspended),
    VoucherResumed: of_money(record_voucher_resumed),
    VoucherWithdrawn: of_money(apply_voucher_withdrawal),
    VoucherRevoked: of_money(apply_voucher_revocation),
    CaseRemoved: remove_case,
    MilestoneReached: by_kind(MILESTONES),
}
