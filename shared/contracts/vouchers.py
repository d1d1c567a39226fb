"""What `vouchers` tells the others."""

from datetime import datetime
from uuid import UUID

from shared.contracts.common import Code, Currency, MinorUnits, VoucherEvent
from shared.messaging.event import Event

VOUCHERS, MILESTONES = "vouchers.vouchers", "vouchers.milestones"


class MilestoneReached(Event, type="vouchers.MilestoneReached.v1", topic=MILESTONES, key="subject_id", correlation="case_id"):
    """A deadline has passed (programme time). Kinds, and whose id `subject_id` is:

    call: call-opens, call-closing-soon, call-closes, evaluation-due, appeals-over, reserve-list-ends;
    application: repair-ends; voucher: offer-reminder, validity-ends, claim-window-ends, answer-overdue (payments is silent, and
    waited for still); claim: claim-check-due; batch: bank-silence. `case_id` is the application's id where one is concerned,
    else the subject's.
    """

    subject_id: UUID
    case_id: UUID
    region: str
    kind: Code
    due_at: datetime


class FundsReservationRequested(
    VoucherEvent, type="vouchers.FundsReservationRequested.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"
):
    """Asks payments to hold the award's amount in the call's envelope."""

    award_id: UUID
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str


class VoucherNotFunded(VoucherEvent, type="vouchers.VoucherNotFunded.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """The envelope could not hold it; the case returns to the head of the reserve list."""

    award_id: UUID


class VoucherOffered(VoucherEvent, type="vouchers.VoucherOffered.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """The beneficiary may accept until `answer_by`."""

    award_id: UUID
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    answer_by: datetime


class VoucherAccepted(VoucherEvent, type="vouchers.VoucherAccepted.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Legally bound: payments turns the reservation into a commitment."""


class OfferDeclined(VoucherEvent, type="vouchers.OfferDeclined.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """The beneficiary said no."""


class OfferLapsed(VoucherEvent, type="vouchers.OfferLapsed.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """No answer by the end of the term."""


class VoucherIssued(VoucherEvent, type="vouchers.VoucherIssued.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Usable from now until `valid_until`; claims are taken until `claims_until`. `payment_mode` is reimbursement or
    provider-direct."""

    code: str
    organisation_id: UUID
    amount_minor: MinorUnits
    currency: Currency
    policy_id: str
    payment_mode: Code
    valid_until: datetime
    claims_until: datetime


class VoucherExtended(VoucherEvent, type="vouchers.VoucherExtended.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Validity moved; the old dates are kept here."""

    valid_until: datetime
    claims_until: datetime
    previous_valid_until: datetime
    previous_claims_until: datetime


class VoucherSuspended(VoucherEvent, type="vouchers.VoucherSuspended.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Claims and approvals stop until it is resumed; the calendar runs on."""


class VoucherResumed(VoucherEvent, type="vouchers.VoucherResumed.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """A suspension ended."""


class VoucherExpired(VoucherEvent, type="vouchers.VoucherExpired.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Validity and claim window ended and nothing was ever claimed."""


class VoucherWithdrawn(VoucherEvent, type="vouchers.VoucherWithdrawn.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """The beneficiary gave it up. Payments cancels what is not sealed, waits for what is, and releases the rest."""


class VoucherRevoked(VoucherEvent, type="vouchers.VoucherRevoked.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """Taken away by the agency. As withdrawn, and what was paid is recovered or written off."""


class VoucherClosed(VoucherEvent, type="vouchers.VoucherClosed.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"):
    """The end. `outcome`: not-funded, declined, lapsed, expired, settled, withdrawn, revoked."""

    outcome: Code


class FundsReleaseRequested(
    VoucherEvent, type="vouchers.FundsReleaseRequested.v1", topic=VOUCHERS, key="voucher_id", correlation="application_id"
):
    """Asks payments to give back what is reserved for an offer that was not taken (declined, lapsed, withdrawn before issue)."""
