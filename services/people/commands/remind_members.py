"""MilestoneReached: something waits for the applicants of a case, and its time runs out."""

from collections.abc import Mapping
from types import MappingProxyType

from services.people.domain.mails import ReminderKind
from services.people.queries.cases import known_case
from services.people.steps.mails import remind
from shared.contracts.binding import require_equal
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context

KINDS: Mapping[MilestoneKind, ReminderKind] = MappingProxyType(
    {MilestoneKind.OFFER_REMINDER: ReminderKind.OFFER, MilestoneKind.VALIDITY_ENDS: ReminderKind.CLAIMS}
)


async def remind_members(context: Context, event: MilestoneReached) -> None:
    """`NotYet` when the case, or the date that the reminder names, is not known; `Contradiction` when it is of another region."""
    case, kind = await known_case(context, event.case_id), KINDS[MilestoneKind(event.kind)]
    require_equal(event, "region", event.region, case.region)
    due_at = case.answer_by if kind is ReminderKind.OFFER else case.claims_until
    if due_at is None:
        raise NotYet(event.subject_id, "the voucher's dates are not known yet")
    await remind(context, case, kind, due_at)
