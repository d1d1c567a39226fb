"""Each event that applications consumes, with the command that it calls."""

from collections.abc import Mapping

from services.applications.commands.close_call import close_call
from services.applications.commands.end_correction import end_correction
from services.applications.commands.grant_application_access import grant_application_access
from services.applications.commands.open_application_file import open_application_file
from services.applications.commands.open_call import open_call
from services.applications.commands.record_decision import record_decision
from services.applications.commands.record_member import record_member
from services.applications.commands.record_provider import record_provider
from services.applications.commands.record_voucher_closed import record_voucher_closed
from services.applications.commands.remove_due_cases import remove_due_cases
from services.applications.commands.revoke_application_access import revoke_application_access
from services.applications.commands.store_draw_commitment import store_draw_commitment
from shared.contracts.evaluation import (
    AwardGranted,
    AwardRefused,
    DrawCommitted,
    EvaluatorAssigned,
    EvaluatorDeclared,
    EvaluatorRecused,
    ExpressionChosen,
    PlacedOnReserveList,
)
from shared.contracts.milestones import by_kind
from shared.contracts.payments import ProviderRegistrationChanged
from shared.contracts.people import MemberJoined, MemberLeft
from shared.contracts.vouchers import MilestoneReached, VoucherClosed
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.inbox import Handler, Handlers

MILESTONES: Mapping[MilestoneKind, Handler] = {
    MilestoneKind.CALL_OPENS: open_call,
    MilestoneKind.CALL_CLOSES: close_call,
    MilestoneKind.REPAIR_ENDS: end_correction,
    MilestoneKind.RETENTION_DUE: remove_due_cases,
}

HANDLERS: Handlers = {
    MilestoneReached: by_kind(MILESTONES),
    DrawCommitted: store_draw_commitment,
    EvaluatorAssigned: grant_application_access,
    EvaluatorDeclared: open_application_file,
    EvaluatorRecused: revoke_application_access,
    AwardGranted: record_decision,
    ExpressionChosen: record_decision,
    PlacedOnReserveList: record_decision,
    AwardRefused: record_decision,
    VoucherClosed: record_voucher_closed,
    MemberJoined: record_member,
    MemberLeft: record_member,
    ProviderRegistrationChanged: record_provider,
}
