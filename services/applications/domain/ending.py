"""How a case has ended, by what applications knows of it."""

from datetime import datetime
from enum import StrEnum

from shared.kernel.vocabulary import ApplicationState, DecisionOutcome, RetentionClass, VoucherOutcome
from shared.privacy.retention import EndedCase

_NOT_TAKEN = (VoucherOutcome.DECLINED, VoucherOutcome.LAPSED)


class RemovalOutcome(StrEnum):
    """What a run did with a case whose term was over."""

    REMOVED = "removed"
    HELD = "held"
    FAILED = "failed"


def ended_case(
    *,
    state: str,
    submitted: bool,
    changed_at: datetime,
    call_closes_at: datetime,
    decision: str | None,
    decided_at: datetime | None,
    voucher_outcome: str | None,
    voucher_closed_at: datetime | None,
) -> EndedCase | None:
    """None while the case goes on. An award that was declined or lapsed counts as withdrawn; one that was taken counts as paid, because
    the aid was granted; an invited expression of interest as refused, since nothing was granted by it. `changed_at` is
    the time of the last change of an application that is withdrawn or not eligible."""
    if not submitted:
        return EndedCase(RetentionClass.DRAFT, call_closes_at)
    if state == ApplicationState.WITHDRAWN:
        return EndedCase(RetentionClass.WITHDRAWN, changed_at)
    if state == ApplicationState.INELIGIBLE:
        return EndedCase(RetentionClass.REFUSED, changed_at)
    if decision in (DecisionOutcome.REFUSED, DecisionOutcome.INVITED) and decided_at is not None:
        return EndedCase(RetentionClass.REFUSED, decided_at)
    if voucher_outcome is None or voucher_closed_at is None:
        return None
    return EndedCase(RetentionClass.WITHDRAWN if voucher_outcome in _NOT_TAKEN else RetentionClass.PAID, voucher_closed_at)
