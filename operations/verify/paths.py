"""The legal paths, from the architecture: state → event → next state. '' is the state before the first event."""

from operations.verify.facts import Logged

Path = dict[str, dict[str, str]]

_STOPPED = {"VoucherWithdrawn": "stopped", "VoucherRevoked": "stopped"}
_ENDS = {
    **dict.fromkeys(("VoucherWithdrawn", "VoucherRevoked", "VoucherExpired", "UnitsReleased"), "ending"), "VoucherClosed": "closed",
}  # fmt: skip
VOUCHER: Path = {
    "": {"FundsReservationRequested": "requested", "UnitsReserved": "requested", "VoucherNotFunded": "not funded"},
    "requested": {"VoucherNotFunded": "not funded", "VoucherOffered": "offered"},
    "not funded": {"VoucherClosed": "closed"},
    "offered": {"VoucherAccepted": "accepted", "OfferDeclined": "stopped", "OfferLapsed": "stopped", **_STOPPED},
    "stopped": {"FundsReleaseRequested": "releasing", "UnitsReleased": "releasing"},
    "releasing": {"VoucherClosed": "closed"},
    "accepted": {"VoucherIssued": "issued", **_STOPPED},
    "issued": {"VoucherExtended": "issued", "VoucherSuspended": "suspended", **_ENDS},
    "suspended": {"VoucherExtended": "suspended", "VoucherResumed": "issued", **_ENDS},
    "ending": {"UnitsReleased": "ending", "VoucherClosed": "closed"},
    "closed": {},
}
APPLICATION: Path = {
    "": {"ApplicationSubmitted": "submitted"},
    "submitted": {
        "ApplicationReturned": "returned",
        "ApplicationFoundEligible": "eligible",
        "ApplicationFoundIneligible": "ineligible",
        "ApplicationWithdrawn": "withdrawn",
    },
    "returned": {"ApplicationSubmitted": "submitted", "ApplicationFoundIneligible": "ineligible", "ApplicationWithdrawn": "withdrawn"},
    "eligible": {"ApplicationWithdrawn": "withdrawn"},
    "ineligible": {},
    "withdrawn": {},
}
CLAIM: Path = {
    "": {"ClaimLodged": "lodged", "BalanceReleased": "accepted"},
    "lodged": {"ClaimAccepted": "accepted", "ClaimReturned": "returned", "ClaimRejected": "rejected"},
    "returned": {"ClaimReplaced": "replaced", "ClaimRejected": "rejected"},
    "accepted": {"ClaimRejected": "rejected"},
    "rejected": {},
    "replaced": {},
}
_ANSWERS = {"DisbursementAccepted": "accepted by the bank", "DisbursementRejected": "failed", "DisbursementPaid": "paid"}
_APPROVALS = {"DisbursementApproved": "prepared", "DisbursementApproved in full": "approved", "DisbursementCancelled": "cancelled"}
DISBURSEMENT: Path = {
    "": {"DisbursementPrepared": "prepared"},
    "prepared": _APPROVALS,
    "approved": {**_APPROVALS, **_ANSWERS, "DisbursementOutcomeUnknown": "unknown"},  # approved again when the account has changed
    "accepted by the bank": {
        "DisbursementRejected confirmed": "failed",
        "DisbursementPaid": "paid",
        "DisbursementCorrected to unknown": "unknown",
    },
    "unknown": _ANSWERS,
    "paid": {
        "DisbursementReturned": "failed",
        "DisbursementCorrected to unknown": "unknown",
        "DisbursementCorrected to returned": "failed",
    },
    "failed": {
        "DisbursementPrepared": "prepared",
        "DisbursementCancelled": "cancelled",
        "DisbursementPaid confirmed": "paid",
        "DisbursementPaid again": "paid",
        "DisbursementCorrected to paid": "paid",
        "DisbursementCorrected to unknown": "unknown",
    },
    "cancelled": {},
}
BATCH: Path = {
    "": {"BatchSealed": "sealed"},
    "sealed": {"BatchReleased": "released", "BatchSent": "sent"},  # sent at once: see _releases in invariant_5_roles.py
    "released": {"BatchSent": "sent"},
    "sent": {},
}
RECOVERY: Path = {
    "": {"RecoveryOrdered": "ordered"},
    "ordered": {"RecoverySettled": "closed", "RecoveryWrittenOff": "closed"},
    "closed": {"RecoveryReopened": "ordered"},
}

PATHS: dict[str, tuple[str, Path]] = {
    "voucher": ("voucher_id", VOUCHER),
    "application": ("application_id", APPLICATION),
    "claim": ("claim_id", CLAIM),
    "disbursement": ("disbursement_id", DISBURSEMENT),
    "batch": ("batch_id", BATCH),
    "recovery": ("recovery_id", RECOVERY),
}
"""Kind of thing → the field with its id, and its path."""


def step_of(event: Logged) -> str:
    """The event's name; the last approval of a payment, an answer of the bank that a person has confirmed, a booking after a return, and
    each kind of correction are steps of their own."""
    if event.reason == "confirmed-by-person":
        return f"{event.name} confirmed"
    if event.name == "DisbursementCorrected":
        return f"{event.name} to {event.body['state']}"
    if event.name == "DisbursementPaid" and event.reason == "booked-after-return":
        return f"{event.name} again"
    return "DisbursementApproved in full" if event.name == "DisbursementApproved" and event.body["complete"] else event.name


def next_step(ways: dict[str, str], event: Logged) -> str | None:
    """The state after the event. A person's answer may do all that the bank's does."""
    return ways.get(step_of(event)) or (ways.get(event.name) if event.reason == "confirmed-by-person" else None)


def steps(path: Path) -> set[str]:
    """The names of all events on a path."""
    return {step.partition(" ")[0] for ways in path.values() for step in ways}
