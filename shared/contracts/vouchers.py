"""Events that `vouchers` publishes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts import common
from shared.contracts.common import AwardTerms, Code, Currency, MilestoneKindWord, MinorUnits, PaymentModeWord, VoucherOutcomeWord
from shared.identity.duties import Duty
from shared.messaging.event import Event

VOUCHERS, MILESTONES = "vouchers.vouchers", "vouchers.milestones"
TASKS = "vouchers.tasks"
CAPACITY = "vouchers.capacity"


class VoucherEvent(common.VoucherEvent, abstract=True, topic=VOUCHERS):
    """About a voucher."""


class CapacityEvent(common.CallEvent, abstract=True, topic=CAPACITY):
    """About the places or hours of a call that gives no money."""


class AttendanceEvent(VoucherEvent, abstract=True, topic=VOUCHERS):
    """About a booking of a session with a voucher that is no money."""

    booking_id: UUID
    session_id: UUID


class MilestoneEvent(Event, abstract=True, topic=MILESTONES, key="subject_id", correlation="case_id"):
    """About a deadline."""


class MilestoneReached(MilestoneEvent):
    """A deadline has passed (programme time). Kinds, and whose id `subject_id` is:

    call: call-opens, call-closing-soon, call-closes, evaluation-due, appeals-over, reserve-list-ends;
    application: repair-ends; voucher: offer-reminder, deposit-due, validity-ends, claim-window-ends, final-report-due, answer-overdue (the
    answer of payments is late and still awaited); claim: claim-check-due, claim-correction-ends; batch: bank-silence; region:
    retention-due, the day on which its cases are looked at for the end of their terms (`shared.kernel.ids.region_id`). `case_id` is the
    application's id where one is concerned, else the subject's.
    """

    subject_id: UUID
    case_id: UUID
    region: str
    kind: MilestoneKindWord
    due_at: datetime


class FundsReservationRequested(VoucherEvent):
    """Asks payments to hold the award's amount in the call's envelope. `terms`: as AwardGranted."""

    award_id: UUID
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    terms: AwardTerms | None = None


class VoucherNotFunded(VoucherEvent):
    """Payments did not hold its money. Where the envelope could not, the case returns to the head of the reserve list; with `rule`
    de-minimis-ceiling the aid of the single undertaking would be above the ceiling: the case is refused, and the next one moves up. None
    means the envelope, in events from before it was said."""

    award_id: UUID
    rule: Code | None = None


class VoucherOffered(VoucherEvent, reader="verify (invariant 6); case history"):
    """The beneficiary may accept until `answer_by`. `calendar_id` here and below: by which days off the dates were counted; None in events
    from before it was said."""

    award_id: UUID
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    answer_by: datetime
    calendar_id: common.CalendarId | None = None


class VoucherAccepted(VoucherEvent, duty=Duty.APPLY):
    """Legally bound: payments turns the reservation into a commitment. `agreement_hash` is the SHA-256 of the accepted terms; None in
    events from before it was recorded."""

    agreement_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class OfferDeclined(VoucherEvent, duty=Duty.APPLY):
    """The beneficiary declined."""


class OfferLapsed(VoucherEvent, reader="case history"):
    """No answer by the end of the term."""


class VoucherIssued(VoucherEvent, version=2, renamed={1: {"claims_until": "claim_window_until"}}, added={1: {"calendar_id": None}}):
    """Usable from now until `valid_until`; claims are taken until `claim_window_until`. `payment_mode` is reimbursement or
    provider-direct."""

    code: str
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    payment_mode: PaymentModeWord
    valid_until: datetime
    claim_window_until: datetime
    calendar_id: common.CalendarId | None = None


class VoucherExtended(
    VoucherEvent,
    version=2,
    renamed={1: {"claims_until": "claim_window_until", "previous_claims_until": "previous_claim_window_until"}},
    added={1: {"calendar_id": None}},
    duty=Duty.MANAGE_VOUCHER,
):
    """Validity moved; the old dates are kept here."""

    valid_until: datetime
    claim_window_until: datetime
    previous_valid_until: datetime
    previous_claim_window_until: datetime
    calendar_id: common.CalendarId | None = None


class ChangeRequested(VoucherEvent, duty=Duty.APPLY, reader="case history"):
    """The beneficiary asks for a change: `kind` is extension, provider or amount. Its words stay in vouchers."""

    change_id: UUID
    kind: Code


class ChangeDecided(VoucherEvent, duty=Duty.MANAGE_VOUCHER, reader="case history"):
    """An officer has granted or refused it. What changes the voucher is VoucherExtended, ProviderChanged, or AmountChangeRequested in its
    place, when another amount is granted."""

    change_id: UUID
    kind: Code
    granted: bool


class ProviderChanged(VoucherEvent, duty=Duty.MANAGE_VOUCHER):
    """An officer has granted another provider: invoices of the day `since`, and later ones, are of it. `provider_hash` is the keyed hash of
    its tax number, as issuers of invoices are compared."""

    change_id: UUID
    provider_hash: str
    since: date


class AmountChangeRequested(VoucherEvent, duty=Duty.MANAGE_VOUCHER):
    """An officer has granted another amount: payments books it, or refuses it when the money or the claims do not allow it."""

    change_id: UUID
    amount_minor: MinorUnits
    currency: Currency


class ReportSent(VoucherEvent, duty=Duty.APPLY, reader="case history"):
    """The beneficiary has reported on its project. The answers stay in vouchers."""


class ReportAccepted(VoucherEvent, duty=Duty.CHECK_CLAIM):
    """An officer has accepted the final report: what payments kept of the claims is paid."""


class ReportReturned(VoucherEvent, duty=Duty.CHECK_CLAIM, reader="case history"):
    """An officer has returned the final report; the beneficiary completes it and sends it again by `due_at`. Why, stays in vouchers."""

    due_at: datetime


class VoucherSuspended(VoucherEvent, duty=Duty.MANAGE_VOUCHER):
    """Claims and approvals stop until it is resumed; the calendar runs on."""


class VoucherResumed(VoucherEvent, duty=Duty.MANAGE_VOUCHER):
    """A suspension ended."""


class VoucherExpired(VoucherEvent, reader="case history"):
    """Validity and claim window ended and nothing was ever claimed."""


class VoucherWithdrawn(VoucherEvent, duty=Duty.APPLY):
    """The beneficiary gave it up. Payments cancels what is not sealed, waits for what is, and releases the rest."""


class VoucherRevoked(VoucherEvent, duty=Duty.MANAGE_VOUCHER):
    """Taken away by the agency. As withdrawn, and what was paid is recovered or written off."""


class VoucherClosed(VoucherEvent):
    """The end. `outcome`: not-funded, declined, lapsed, expired, settled, withdrawn, revoked."""

    outcome: VoucherOutcomeWord


class FundsReleaseRequested(VoucherEvent):
    """Asks payments to release what is reserved for an offer that was not taken (declined, lapsed, withdrawn before issue)."""


class CapacityConfirmed(CapacityEvent, duty=Duty.CONFIRM_BUDGET):
    """Another person than the publisher has confirmed the capacity of the call: from now on it may be reserved."""

    unit: Code
    units: Annotated[int, Field(gt=0)]


class CapacityChanged(CapacityEvent, duty=Duty.CONFIRM_BUDGET):
    """An officer has proposed more for the call, and a person of finance has confirmed it: `units` more, `supplied` in all. `change_minor`:
    what they are worth as aid, as awards of the call are counted. The reserve list may move up."""

    change_id: UUID
    unit: Code
    units: Annotated[int, Field(gt=0)]
    supplied: Annotated[int, Field(gt=0)]
    change_minor: MinorUnits
    currency: Currency


class UnitsReserved(VoucherEvent):
    """Of a scheme that gives no money: `units` minutes or places of the call are held for the award, in the place of
    FundsReservationRequested. `amount_minor`: what they are worth as aid (gross grant equivalent); nobody is paid it. Payments answers by
    what the ceiling of de minimis aid leaves: AidReserved, or AidReservationRefused."""

    award_id: UUID
    organisation_id: UUID
    policy_id: str
    unit: Code
    units: Annotated[int, Field(gt=0)]
    amount_minor: MinorUnits
    currency: Currency


class UnitsReleased(VoucherEvent):
    """What a voucher of hours or places does not use goes back to the call: all of an offer that was not taken, or at the end what nobody
    attended (0: it was used up). `attended`: what was used up. `amount_minor`: what the released units are worth as aid."""

    unit: Code
    units: Annotated[int, Field(ge=0)]
    attended: Annotated[int, Field(ge=0)]
    amount_minor: MinorUnits
    currency: Currency


class SessionBooked(AttendanceEvent, duty=Duty.APPLY, reader="case history"):
    """The beneficiary has booked a session, which holds `units` of its voucher."""

    units: Annotated[int, Field(gt=0)]


class BookingCancelled(AttendanceEvent):
    """The booking was given up, or its session will not take place (`by_region`). `units`: used up all the same, when it was too late."""

    units: Annotated[int, Field(ge=0)]
    by_region: bool = False


class AttendanceRecorded(AttendanceEvent):
    """The host says who was there: `units` are used up unless the beneficiary objects before `confirm_by`. `by_provider`: a member of the
    host's organisation said it, not an officer."""

    units: Annotated[int, Field(ge=0)]
    attended: bool
    confirm_by: datetime
    by_provider: bool = False

    @property
    def duty_taken(self) -> Duty:
        return Duty.PROVIDE if self.by_provider else Duty.CHECK_CLAIM


class AttendanceObjected(AttendanceEvent, duty=Duty.APPLY, reader="case history"):
    """The beneficiary says that it was otherwise: another person than the one who recorded it decides. The words stay in vouchers."""


class AttendanceConfirmed(AttendanceEvent, reader="case history"):
    """It stands, and `units` are used up. The reason says by what: the beneficiary's word, the end of the time to object, or a decision on
    the objection."""

    units: Annotated[int, Field(ge=0)]


class AttendanceCorrected(AttendanceEvent, duty=Duty.CHECK_CLAIM, reader="case history"):
    """Two officers have corrected what was recorded: one proposed it, this one confirms. `previous_units` were used up before."""

    units: Annotated[int, Field(ge=0)]
    previous_units: Annotated[int, Field(ge=0)]
    proposed_by: str


class VoucherTasksCounted(common.TasksCounted, topic=TASKS):
    """What waits in a region: changes, and suspended vouchers."""
