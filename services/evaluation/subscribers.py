"""Each event that evaluation consumes, with the command that it calls."""

from collections.abc import Mapping

from services.evaluation.commands.advance_reserve_list import advance_reserve_list
from services.evaluation.commands.end_reserve_list import end_reserve_list
from services.evaluation.commands.erase_subject import erase_subject
from services.evaluation.commands.issue_decisions import issue_decisions
from services.evaluation.commands.mark_evaluation_overdue import mark_evaluation_overdue
from services.evaluation.commands.open_case import open_case
from services.evaluation.commands.record_added_funds import record_added_funds
from services.evaluation.commands.record_applicant import record_applicant
from services.evaluation.commands.record_call_closed import record_call_closed
from services.evaluation.commands.record_call_extended import record_call_extended
from services.evaluation.commands.record_envelope_change import record_envelope_change
from services.evaluation.commands.record_ineligible import record_ineligible
from services.evaluation.commands.record_screening_completed import record_screening_completed
from services.evaluation.commands.record_submission import record_submission
from services.evaluation.commands.record_withdrawal import record_withdrawal
from services.evaluation.commands.register_call import register_call
from services.evaluation.commands.remove_case import remove_case
from services.evaluation.commands.return_case_to_reserve_list import return_case_to_reserve_list
from shared.contracts.applications import (
    ApplicantJoined,
    ApplicantMemberRecorded,
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallClosed,
    CallExtended,
    CallPublished,
    CaseRemoved,
    SchemeFilePublished,
    ScreeningCompleted,
    SubjectErased,
)
from shared.contracts.milestones import by_kind
from shared.contracts.payments import EnvelopeChanged, EnvelopeConfirmed, FundsAdded, FundsReleased
from shared.contracts.scheme_files import keep_scheme_file
from shared.contracts.vouchers import CapacityChanged, CapacityConfirmed, MilestoneReached, UnitsReleased, VoucherNotFunded
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.acts import record_act
from shared.messaging.inbox import Handler, Handlers

MILESTONES: Mapping[MilestoneKind, Handler] = {
    MilestoneKind.EVALUATION_DUE: mark_evaluation_overdue,
    MilestoneKind.APPEALS_OVER: issue_decisions,
    MilestoneKind.RESERVE_LIST_ENDS: end_reserve_list,
}

HANDLERS: Handlers = {
    **dict.fromkeys((ApplicantJoined, ApplicantMemberRecorded), record_applicant),
    **dict.fromkeys((EnvelopeConfirmed, CapacityConfirmed), record_act),
    CallPublished: register_call,
    SchemeFilePublished: keep_scheme_file,
    CallExtended: record_call_extended,
    CallClosed: record_call_closed,
    ScreeningCompleted: record_screening_completed,
    ApplicationSubmitted: record_submission,
    ApplicationFoundEligible: open_case,
    ApplicationFoundIneligible: record_ineligible,
    ApplicationWithdrawn: record_withdrawal,
    CaseRemoved: remove_case,
    MilestoneReached: by_kind(MILESTONES),
    **dict.fromkeys((FundsReleased, UnitsReleased), advance_reserve_list),
    FundsAdded: record_added_funds,
    **dict.fromkeys((EnvelopeChanged, CapacityChanged), record_envelope_change),
    SubjectErased: erase_subject,
    VoucherNotFunded: return_case_to_reserve_list,
}
