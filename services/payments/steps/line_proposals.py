"""A line of the bank and the payments that it is to be matched to, locked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.contradictions import ProposedResolution
from services.payments.locks import find_and_lock_voucher, lock_row
from services.payments.queries.line_acts import LineAct, acts_to_undo
from services.payments.queries.line_facts import authorise_for_line
from services.payments.tables import BankLineRow, DisbursementRow, LineProposalRow, VoucherRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context

_MAY_BE_RESOLVED = (LineOutcome.UNMATCHED, LineOutcome.IGNORED)


async def lock_open_line(context: Context, line_id: UUID) -> BankLineRow:
    """One that is unmatched, or that decided nothing. `NotFound` 'unknown-bank-line', `Conflict` 'line-not-open'. What the line names is
    locked before."""
    line = await lock_row(context, BankLineRow, col(BankLineRow.id) == line_id)
    if line is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    await authorise_for_line(context, Permission.RESOLVE_BANK_LINE, line)
    if line.outcome not in _MAY_BE_RESOLVED or line.resolved_at is not None:
        raise Conflict("line-not-open", "The line is applied or resolved already.")
    return line


async def lock_resolved_line(context: Context, line_id: UUID) -> tuple[BankLineRow, list[LineAct]]:
    """A line whose resolution can be undone, with what was done by it.

    `NotFound` 'unknown-bank-line', `Conflict` 'line-not-booked'.
    """
    line = await lock_row(context, BankLineRow, col(BankLineRow.id) == line_id)
    if line is None:
        raise NotFound("unknown-bank-line", "There is no such line of a bank file.")
    await authorise_for_line(context, Permission.RESOLVE_BANK_LINE, line)
    acts = await acts_to_undo(context, line)
    if acts is None:
        raise Conflict("line-not-booked", "Nothing is booked for this line in the ledger of the region, so there is nothing to undo.")
    return line, acts


async def lock_line_of(context: Context, proposal: LineProposalRow) -> BankLineRow:
    """The line that the proposal is still about."""
    if proposal.resolution == ProposedResolution.UNDONE:
        return (await lock_resolved_line(context, proposal.line_id))[0]
    return await lock_open_line(context, proposal.line_id)


async def lock_targets(context: Context, disbursement_ids: Collection[UUID]) -> list[VoucherRow]:
    """The vouchers of the payments that a line is to be matched to, locked in one order. `NotFound` 'unknown-disbursement'."""
    query = select(DisbursementRow).where(col(DisbursementRow.id).in_(disbursement_ids))
    rows = (await context.session.scalars(query)).all()
    if len(rows) < len(disbursement_ids):
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    found = dict[UUID, VoucherRow]()
    for row in sorted(rows, key=lambda row: (row.call_id, row.voucher_id)):
        voucher = await find_and_lock_voucher(context, row.voucher_id)
        assert voucher is not None, "no voucher is ever deleted"
        authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
        found[voucher.id] = voucher
    return list(found.values())
