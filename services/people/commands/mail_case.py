"""An event about a case that its applicants are to know of at once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.people.domain.mails import Template
from services.people.queries.cases import reported_case
from services.people.steps.mails import mail_members
from services.people.tables import CaseRow
from shared.contracts.applications import ApplicantInvited, ApplicationFoundIneligible, ApplicationReturned
from shared.contracts.common import CaseEvent
from shared.contracts.evaluation import AppealDecided, AppealLodged, AwardGranted, AwardRefused, PlacedOnReserveList
from shared.contracts.payments import ClaimAccepted, ClaimRejected, ClaimReturned
from shared.contracts.vouchers import AttendanceRecorded, BookingCancelled, ChangeDecided, VoucherExtended, VoucherOffered
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context

MAILS: Mapping[type[CaseEvent], tuple[Template, frozenset[str]]] = MappingProxyType(
    {
        ApplicationReturned: (Template.RETURNED, frozenset({"repair_by"})),
        ApplicationFoundIneligible: (Template.DECISION, frozenset({"rules"})),
        ApplicantInvited: (Template.INVITED, frozenset({"ends_at"})),
        AwardGranted: (Template.DECISION, frozenset({"amount_minor", "currency"})),
        PlacedOnReserveList: (Template.DECISION, frozenset({"position"})),
        AwardRefused: (Template.DECISION, frozenset({"rules", "total_hundredths", "cut_off_hundredths"})),
        VoucherOffered: (Template.OFFER, frozenset({"amount_minor", "currency", "answer_by"})),
        VoucherExtended: (Template.VOUCHER_EXTENDED, frozenset({"valid_until", "claim_window_until", "previous_valid_until"})),
        AppealLodged: (Template.APPEAL_RECEIVED, frozenset()),
        AppealDecided: (Template.APPEAL_DECIDED, frozenset({"outcome"})),
        ChangeDecided: (Template.CHANGE_DECIDED, frozenset({"voucher_id", "kind", "granted"})),
        AttendanceRecorded: (Template.ATTENDANCE_RECORDED, frozenset({"voucher_id", "attended", "confirm_by"})),
        BookingCancelled: (Template.SESSION_CANCELLED, frozenset({"voucher_id"})),
        ClaimReturned: (Template.CLAIM_RETURNED, frozenset({"claim_id", "correct_by"})),
        ClaimAccepted: (
            Template.CLAIM_ACCEPTED,
            frozenset(
                {"claim_id", "granted_minor", "requested_minor", "cut_lines", "currency", "pay_by", "settled_minor", "retained_minor"}
            ),
        ),
        ClaimRejected: (Template.CLAIM_REJECTED, frozenset({"claim_id", "rules"})),
    }
)
"""Event → template, and the fields that it shows."""
OUTCOMES: Mapping[type[CaseEvent], str] = MappingProxyType(
    {ApplicationFoundIneligible: "ineligible", AwardGranted: "granted", PlacedOnReserveList: "reserve", AwardRefused: "refused"}
)
WITHDRAWN, EXTENSION = "withdrawn", "extension"


async def mail_case(context: Context, event: CaseEvent) -> None:
    """`NotYet` when the case is not known; `Contradiction` when the event differs from it. Who has withdrawn gets no refusal by mail, and
    a granted extension has a mail of its own, with the new dates."""
    case = await reported_case(context, event)
    if isinstance(event, AwardRefused) and WITHDRAWN in event.rules:
        return
    if isinstance(event, ChangeDecided) and event.granted and event.kind == EXTENSION:
        return
    if isinstance(event, BookingCancelled) and not event.by_region:
        return
    template, fields = MAILS[type(event)]
    facts = event.model_dump(mode="json", include=set(fields))
    if isinstance(event, AwardGranted | VoucherOffered):
        facts |= _given(context, case)
    if isinstance(event, AppealLodged):
        facts |= {"lodged_at": context.happened_at.isoformat()}
    if outcome := OUTCOMES.get(type(event)):
        facts |= {"outcome": outcome, "appeal_until": _appeal_until(context, case, outcome)}
    await mail_members(context, case, template, facts)


def _given(context: Context, case: CaseRow) -> dict[str, Any]:
    """What a scheme gives in the place of money; None of one that gives money."""
    benefit = context.policies.get(case.policy_id).benefit
    return {"unit": benefit and benefit.unit, "units": benefit and benefit.units_per_award}


def _appeal_until(context: Context, case: CaseRow, outcome: str) -> Any:
    """Until when the decision can be appealed against; None where a list was open to appeals before it was decided from."""
    policy = context.policies.get(case.policy_id)
    if outcome != OUTCOMES[ApplicationFoundIneligible] and policy.selection.method is not SelectionMethod.FIRST_COME:
        return None
    return policy.deadline(policy.appeal, context.happened_at).isoformat()
