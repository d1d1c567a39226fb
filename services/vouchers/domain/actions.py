"""What people may do to a voucher. Each check says True (do it), False (it is done already), or raises `Conflict`."""

from datetime import datetime
from typing import NoReturn

from services.vouchers.domain.stages import PAYABLE, Outcome, Stage, Voucher
from shared.kernel.errors import Conflict

_ACCEPTED = (Stage.ACCEPTED, Stage.ISSUED, Stage.CLAIMING, Stage.SETTLING)
_BEFORE_ISSUE = (Stage.OFFERED, Stage.ACCEPTED)


def may_accept(voucher: Voucher, now: datetime) -> bool:
    """Up to the end of the term, whether or not anybody has noticed that it passed. Raises not-offered, offer-lapsed."""
    if voucher.state in _ACCEPTED and voucher.outcome is None:
        return False
    return _offer_stands(voucher, now)


def may_decline(voucher: Voucher, now: datetime) -> bool:
    if voucher.outcome is Outcome.DECLINED:
        return False
    return _offer_stands(voucher, now)


def _offer_stands(voucher: Voucher, now: datetime) -> bool:
    if voucher.outcome is Outcome.LAPSED:
        _lapsed(voucher)
    if voucher.state is not Stage.OFFERED or voucher.answer_by is None:
        raise Conflict("not-offered", "There is no offer to answer.", state=voucher.state)
    if now >= voucher.answer_by:
        _lapsed(voucher)
    return True


def _lapsed(voucher: Voucher) -> NoReturn:
    raise Conflict("offer-lapsed", "The time to answer the offer has ended.", answer_by=voucher.answer_by)


def may_stop(voucher: Voucher, how: Outcome) -> bool:
    """Withdrawal or revocation, from the offer until all is settled. Raises not-offered, already-ended."""
    if voucher.outcome is how:
        return False
    if voucher.state is Stage.REQUESTED:
        raise Conflict("not-offered", "The voucher is not offered yet.", state=voucher.state)
    if voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("already-ended", "The voucher has ended already.", state=voucher.state, outcome=voucher.outcome)
    return True


def stage_after_stop(voucher: Voucher) -> Stage:
    """Before issue the money is simply given back; after it, claims and payments have to run out."""
    return Stage.RELEASING if voucher.state in _BEFORE_ISSUE else Stage.SETTLING


def may_suspend(voucher: Voucher) -> bool:
    _payable(voucher)
    return voucher.suspended_at is None


def may_resume(voucher: Voucher) -> bool:
    """Also when claims are no longer taken: those that are lodged rest until then."""
    _payable(voucher)
    return voucher.suspended_at is not None


def _payable(voucher: Voucher) -> None:
    if voucher.state not in PAYABLE or voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("not-usable", "The voucher cannot be used now.", state=voucher.state)


def final_outcome(voucher: Voucher) -> Outcome:
    """How a voucher ends on which nobody decided earlier."""
    return voucher.outcome or (Outcome.SETTLED if voucher.claimed_at else Outcome.EXPIRED)
