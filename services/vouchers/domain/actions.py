"""What people may do to a voucher. Each check returns True (do it), False (it is done already), or raises `Conflict`."""

from datetime import datetime
from typing import NoReturn

from services.vouchers.domain.stages import PAYABLE, Stage, Voucher
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import VoucherOutcome

_ACCEPTED = (Stage.ACCEPTED, Stage.ISSUED, Stage.CLAIMING, Stage.SETTLING)
_BEFORE_ISSUE = (Stage.OFFERED, Stage.ACCEPTED)


def may_accept(voucher: Voucher, now: datetime) -> bool:
    """Until `answer_by`, whether or not the lapse has been recorded yet. Raises not-offered, offer-lapsed."""
    if voucher.state in _ACCEPTED and voucher.outcome is None:
        return False
    return _offer_is_open(voucher, now)


def may_decline(voucher: Voucher, now: datetime) -> bool:
    """Until `answer_by`. Raises not-offered, offer-lapsed."""
    if voucher.outcome is VoucherOutcome.DECLINED:
        return False
    return _offer_is_open(voucher, now)


def may_stop(voucher: Voucher, outcome: VoucherOutcome) -> bool:
    """Withdrawal or revocation, from the offer to the settlement. Raises not-offered-yet, already-ended."""
    if voucher.outcome is outcome:
        return False
    if voucher.state is Stage.REQUESTED:
        raise Conflict("not-offered-yet", "The voucher is not offered yet.", state=voucher.state)
    if voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("already-ended", "The voucher has ended already.", state=voucher.state, outcome=voucher.outcome)
    return True


def stage_after_stop(voucher: Voucher) -> Stage:
    """Before issue the money is released at once. After it, claims and payments have to end first."""
    return Stage.RELEASING if voucher.state in _BEFORE_ISSUE else Stage.SETTLING


def may_suspend(voucher: Voucher) -> bool:
    """While something may still be paid. Raises not-usable."""
    _require_payable(voucher)
    return voucher.suspended_at is None


def may_resume(voucher: Voucher) -> bool:
    """Also after the claim window: claims that were lodged before stay blocked until the voucher is resumed. Raises not-usable."""
    _require_payable(voucher)
    return voucher.suspended_at is not None


def may_offer(voucher: Voucher) -> bool:
    """Once payments has reserved the money."""
    return voucher.state is Stage.REQUESTED and voucher.reserved_at is not None


def may_issue(voucher: Voucher) -> bool:
    """Once payments has committed the money; not after a withdrawal or revocation."""
    return voucher.state is Stage.ACCEPTED and voucher.committed_at is not None


def may_close(voucher: Voucher) -> bool:
    """Once payments has refused, released or settled the money."""
    replies = {Stage.REQUESTED: voucher.refused_at, Stage.RELEASING: voucher.released_at or voucher.settled_at}
    return (replies | {Stage.SETTLING: voucher.settled_at}).get(voucher.state) is not None


def final_outcome(voucher: Voucher) -> VoucherOutcome:
    """The outcome of a voucher that closes: the one that was decided earlier, or whether anything was claimed."""
    return voucher.outcome or (VoucherOutcome.SETTLED if voucher.claimed_at else VoucherOutcome.EXPIRED)


def _offer_is_open(voucher: Voucher, now: datetime) -> bool:
    if voucher.outcome is VoucherOutcome.LAPSED:
        _raise_lapsed(voucher)
    if voucher.state is not Stage.OFFERED or voucher.answer_by is None:
        raise Conflict("not-offered", "There is no offer to answer.", state=voucher.state)
    if now >= voucher.answer_by:
        _raise_lapsed(voucher)
    return True


def _raise_lapsed(voucher: Voucher) -> NoReturn:
    raise Conflict("offer-lapsed", "The time to answer the offer has ended.", answer_by=voucher.answer_by)


def _require_payable(voucher: Voucher) -> None:
    if voucher.state not in PAYABLE or voucher.outcome is not None or voucher.settled_at is not None:
        raise Conflict("not-usable", "The voucher cannot be used now.", state=voucher.state)
