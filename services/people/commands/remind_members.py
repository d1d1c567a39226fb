"""MilestoneReached: something waits for the applicants of a case, or of a call, and its time runs out."""

from collections.abc import Mapping
from types import MappingProxyType

from services.people.domain.mails import ReminderKind
from services.people.queries.cases import cases_of_call, known_call, known_case
from services.people.steps.mails import remind
from shared.contracts.binding import require_equal
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context

KINDS: Mapping[MilestoneKind, ReminderKind] = MappingProxyType(
    {MilestoneKind.OFFER_REMINDER: ReminderKind.OFFER, MilestoneKind.VALIDITY_ENDS: ReminderKind.CLAIMS}
)


async def remind_of_close(context: Context, event: MilestoneReached) -> None:
    """Who has begun an application in the call and not submitted it. `NotYet` when the call is not known; `Contradiction` when it is of
    another region."""
    call = await known_call(context, event.subject_id)
    require_equal(event, "region", event.region, call.region)
    for case in await cases_of_call(context, call.id):
        if case.receipt is None:
            await remind(context, case, ReminderKind.DRAFT, call.closes_at)


async def remind_members(context: Context, event: MilestoneReached) -> None:
    """`NotYet` when the case, or the date that the reminder names, is not known; `Contradiction` when it is of another region."""
    case, kind = await known_case(context, event.case_id), KINDS[MilestoneKind(event.kind)]
    require_equal(event, "region", event.region, case.region)
    due_at = case.answer_by if kind is ReminderKind.OFFER else case.claims_until
    if due_at is None:
        raise NotYet(event.subject_id, "the voucher's dates are not known yet")
    await remind(context, case, kind, due_at)
