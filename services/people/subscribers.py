"""Each event that people consumes, with the command that it calls: mails about them, and what these need to know."""

from services.people.commands.mail_answer import mail_answer
from services.people.commands.mail_call_corrected import mail_call_corrected
from services.people.commands.mail_call_extended import mail_call_extended
from services.people.commands.mail_case import MAILS, mail_case
from services.people.commands.mail_list_published import mail_list_published
from services.people.commands.mail_order_rerouted import mail_order_rerouted
from services.people.commands.mail_role_granted import mail_role_granted
from services.people.commands.record_call import record_call
from services.people.commands.record_draft import record_draft
from services.people.commands.record_end import record_end
from services.people.commands.record_submission import record_submission
from services.people.commands.record_tasks import record_tasks
from services.people.commands.record_voucher_dates import record_voucher_dates
from services.people.commands.record_withdrawal import record_withdrawal
from services.people.commands.remind_members import KINDS, remind_members, remind_of_close
from shared.contracts.applications import (
    ApplicantInvited,
    ApplicantJoined,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationTasksCounted,
    ApplicationWithdrawn,
    CallCorrected,
    CallExtended,
    CallPublished,
    DraftWithdrawn,
    SchemeFilePublished,
)
from shared.contracts.evaluation import (
    AwardGranted,
    AwardRefused,
    EvaluationTasksCounted,
    PlacedOnReserveList,
    QuestionAnswered,
    RankingApproved,
)
from shared.contracts.milestones import by_kind
from shared.contracts.payments import OrderRerouted, PaymentTasksCounted
from shared.contracts.people import RoleGranted
from shared.contracts.scheme_files import keep_scheme_file
from shared.contracts.vouchers import (
    MilestoneReached,
    VoucherClosed,
    VoucherExtended,
    VoucherIssued,
    VoucherOffered,
    VoucherTasksCounted,
)
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers


async def mail_voucher(context: Context, event: VoucherOffered | VoucherExtended) -> None:
    """Its dates, for later reminders, and a mail now."""
    await record_voucher_dates(context, event)
    await mail_case(context, event)


async def mail_decision(
    context: Context, event: ApplicantInvited | ApplicationFoundIneligible | AwardGranted | PlacedOnReserveList | AwardRefused
) -> None:
    """Whether the case has ended, and a mail now."""
    await record_end(context, event)
    await mail_case(context, event)


HANDLERS: Handlers = {
    ApplicantJoined: record_draft,
    ApplicationSubmitted: record_submission,
    **dict.fromkeys((ApplicationWithdrawn, DraftWithdrawn), record_withdrawal),
    **dict.fromkeys(MAILS, mail_case),
    **dict.fromkeys((ApplicantInvited, ApplicationFoundIneligible, AwardGranted, PlacedOnReserveList, AwardRefused), mail_decision),
    VoucherClosed: record_end,
    VoucherOffered: mail_voucher,
    VoucherExtended: mail_voucher,
    VoucherIssued: record_voucher_dates,
    CallPublished: record_call,
    SchemeFilePublished: keep_scheme_file,
    CallExtended: mail_call_extended,
    CallCorrected: mail_call_corrected,
    QuestionAnswered: mail_answer,
    OrderRerouted: mail_order_rerouted,
    **dict.fromkeys((ApplicationTasksCounted, EvaluationTasksCounted, VoucherTasksCounted, PaymentTasksCounted), record_tasks),
    RankingApproved: mail_list_published,
    MilestoneReached: by_kind({**dict.fromkeys(KINDS, remind_members), MilestoneKind.CALL_CLOSING_SOON: remind_of_close}),
    RoleGranted: mail_role_granted,
}
