"""De minimis aid of a voucher whose money was reserved before there was a ledger of aid: entered from the ledger of money."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.ledger import EntryKind
from services.payments.domain.state_aid import MOVES_AID, AidState, Holding, Moved, followed
from services.payments.domain.states import MoneyState
from services.payments.locks import lock_voucher
from services.payments.queries.state_aid import frozen_rate
from services.payments.steps.state_aid import aid_row
from services.payments.tables import AidEntryRow, LedgerEntryRow, LedgerPostingRow
from shared.messaging.context import Context


async def enter_earlier_aid(context: Context, voucher_id: UUID) -> bool:
    """True when an entry was made; one that is there stays as it is. The days are those of the ledger of money, and the rate is that of
    the month of the reservation, as for every offer. What is granted is due in the register by its own day, also when that is past."""
    voucher = await lock_voucher(context, voucher_id)
    if voucher.state == MoneyState.REFUSED or await context.session.get(AidEntryRow, voucher_id) is not None:
        return False
    moves = await _moves(context, voucher_id)
    reserved_at = next((move.at for move in moves if move.kind is EntryKind.RESERVED), None)
    if reserved_at is None:
        return False
    policy = context.policies.get(voucher.policy_id)
    rate = await frozen_rate(context, policy, voucher.currency, policy.local_day(reserved_at))
    first = Holding(AidState.RESERVED, voucher.amount_minor, voucher.currency, rate)
    holding, granted_at = followed(first, [move for move in moves if move.kind in MOVES_AID])
    row = aid_row(voucher, policy, rate, reserved_at)
    row.state, row.amount_minor, row.eur_minor = holding.state, holding.amount_minor, holding.eur_minor
    if granted_at is not None:
        row.granted_on = policy.local_day(granted_at)
        row.register_by = policy.deadline(policy.de_minimis.register_within, granted_at)
    context.session.add(row)
    return True


async def _moves(context: Context, voucher_id: UUID) -> list[Moved]:
    """Of the voucher's money, in the order of the ledger. Each entry has two sides, of one amount."""
    row, side = LedgerEntryRow, LedgerPostingRow
    query = (
        select(col(row.kind), func.max(col(side.amount_minor)), col(row.at))
        .join(side, col(side.entry_id) == col(row.id))
        .where(col(row.voucher_id) == voucher_id)
        .group_by(col(row.id), col(row.kind), col(row.at), col(row.position))
        .order_by(col(row.position))
    )
    return [Moved(EntryKind(kind), amount, at) for kind, amount, at in await context.session.execute(query)]
