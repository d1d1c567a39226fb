"""Payments has replied about the money of a voucher."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, Update, bindparam, case, func, update

from services.vouchers.domain.stages import Stage
from services.vouchers.tables import VoucherRow
from shared.contracts.binding import require_amount, require_same
from shared.contracts.payments import FundsCommitted, FundsReleased, FundsReservationRefused, FundsReserved
from shared.database.base import INSTANT, table_of
from shared.kernel.errors import NotYet
from shared.messaging.context import Context

Reply = FundsReserved | FundsReservationRefused | FundsCommitted | FundsReleased

_VOUCHERS = table_of(VoucherRow)
_IDENTITY = ("award_id", "application_id", "call_id", "region", "organisation_id", "scheme", "policy_id", "currency")


def _first_stays(column: str, *, only_in: Stage | None = None) -> Update:
    """Built once: each reply runs one of them. It locks the voucher, and returns what the reply has to agree with."""
    known = _VOUCHERS.c[column]
    first = func.coalesce(known, bindparam("happened_at", type_=INSTANT))
    value = first if only_in is None else case((_VOUCHERS.c.state == only_in, first), else_=known)
    values = {column: value}
    if column == "refused_at":
        values["refused_rule"] = case((known.is_(None), bindparam("rule", type_=String)), else_=_VOUCHERS.c.refused_rule)
    changed = update(_VOUCHERS).where(_VOUCHERS.c.id == bindparam("voucher")).values(values)
    return changed.returning(*(_VOUCHERS.c[name] for name in (*_IDENTITY, "amount_minor", "drawn_minor")))


_RECORD: Mapping[type[Reply], Update] = {
    FundsReserved: _first_stays("reserved_at"),
    FundsReservationRefused: _first_stays("refused_at"),
    FundsCommitted: _first_stays("committed_at"),
    FundsReleased: _first_stays("released_at", only_in=Stage.RELEASING),
}


async def record_reply(context: Context, event: Reply) -> None:
    """The first of each kind stays. The lifecycle goes on by it. `NotYet` when the voucher is not known yet; `Contradiction`, after which
    the inbox rolls back, for another case, region, currency or amount than the voucher's."""
    values: dict[str, Any] = {"voucher": event.voucher_id, "happened_at": context.happened_at}
    if isinstance(event, FundsReservationRefused):
        values["rule"] = event.rule
    row = (await context.session.execute(_RECORD[type(event)], values)).one_or_none()
    if row is None:
        raise NotYet(event.voucher_id)
    require_same(event, row)
    whole = not isinstance(event, FundsReleased)  # after the issue, what is left is released in parts
    least, most = (row.amount_minor, row.amount_minor) if whole else (0, row.drawn_minor)
    require_amount(event, "amount_minor", event.amount_minor, least=least, most=most)
