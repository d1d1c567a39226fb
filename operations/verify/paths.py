"""The legal paths, from the drawings in the architecture: state → what may happen → the state after it. '' is before the beginning."""

from operations.verify.facts import Logged

Path = dict[str, dict[str, str]]

_STOPS = {"VoucherWithdrawn": "given up", "VoucherRevoked": "given up"}
_ENDS = {"VoucherWithdrawn": "running out", "VoucherRevoked": "running out", "VoucherExpired": "running out", "VoucherClosed": "closed"}
VOUCHER: Path = {
    "": {"FundsReservationRequested": "requested"},
    "requested": {"VoucherNotFunded": "not funded", "VoucherOffered": "offered"},
    "not funded": {"VoucherClosed": "closed"},
    "offered": {"VoucherAccepted": "accepted", "OfferDeclined": "given up", "OfferLapsed": "given up", **_STOPS},
    "given up": {"FundsReleaseRequested": "releasing"},
    "releasing": {"VoucherClosed": "closed"},
    "accepted": {"VoucherIssued": "issued", **_STOPS},
    "issued": {"VoucherExtended": "issued", "VoucherSuspended": "suspended", **_ENDS},
    "suspended": {"VoucherExtended": "suspended", "VoucherResumed": "issued", **_ENDS},
    "running out": {"VoucherClosed": "closed"},
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
    "": {"ClaimLodged": "lodged"},
    "lodged": {"ClaimAccepted": "accepted", "ClaimRejected": "rejected"},
    "accepted": {"ClaimRejected": "rejected"},
    "rejected": {},
}
_ANSWERS = {"DisbursementAccepted": "taken", "DisbursementRejected": "failed", "DisbursementPaid": "paid"}
_APPROVALS = {"DisbursementApproved": "prepared", "DisbursementApproved in full": "approved", "DisbursementCancelled": "cancelled"}
DISBURSEMENT: Path = {
    "": {"DisbursementPrepared": "prepared"},
    "prepared": _APPROVALS,
    "approved": {**_APPROVALS, **_ANSWERS, "DisbursementOutcomeUnknown": "unknown"},  # approved anew when the account has changed
    "taken": {"DisbursementRejected": "failed", "DisbursementPaid": "paid"},
    "unknown": _ANSWERS,
    "paid": {"DisbursementReturned": "failed"},
    "failed": {"DisbursementPrepared": "prepared", "DisbursementCancelled": "cancelled"},
    "cancelled": {},
}
BATCH: Path = {"": {"BatchSealed": "sealed"}, "sealed": {"BatchSent": "sent"}, "sent": {}}
RECOVERY: Path = {
    "": {"RecoveryOrdered": "ordered"},
    "ordered": {"RecoverySettled": "closed", "RecoveryWrittenOff": "closed"},
    "closed": {},
}

PATHS: dict[str, tuple[str, Path]] = {
    "voucher": ("voucher_id", VOUCHER),
    "application": ("application_id", APPLICATION),
    "claim": ("claim_id", CLAIM),
    "disbursement": ("disbursement_id", DISBURSEMENT),
    "batch": ("batch_id", BATCH),
    "recovery": ("recovery_id", RECOVERY),
}
"""What walks the path: the field that names it, and the path."""


def step_of(event: Logged) -> str:
    return "DisbursementApproved in full" if event.name == "DisbursementApproved" and event.body["complete"] else event.name


def steps(path: Path) -> set[str]:
    """All names of events that a path knows."""
    return {step.removesuffix(" in full") for ways in path.values() for step in ways}
