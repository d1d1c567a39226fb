"""CaseRemoved: the words of the case's requests for changes, of its report and of its sessions are removed; what was decided stays."""

from sqlalchemy import select, update
from sqlmodel import col

from services.vouchers.locks import lock_voucher
from services.vouchers.tables import BookingRow, ChangeRow, CorrectionRow, ReportRow, VoucherRow
from shared.contracts.applications import CaseRemoved
from shared.contracts.binding import require_same, require_term_over
from shared.kernel.errors import Contradiction
from shared.kernel.vocabulary import RetentionClass
from shared.messaging.context import Context


async def remove_case(context: Context, event: CaseRemoved) -> None:
    """Once. `Contradiction` when the event is about another call or region, when the voucher has not ended, when money was claimed and the
    case has not ended as paid, or when its term is not over. `NotYet` before the instant that the event states."""
    query = select(col(VoucherRow.id)).where(col(VoucherRow.application_id) == event.application_id).order_by(col(VoucherRow.id))
    for voucher_id in (await context.session.scalars(query)).all():
        voucher = await lock_voucher(context, voucher_id)
        if voucher.removed_at is not None:
            continue
        require_same(event, voucher)
        if voucher.closed_at is None:
            raise Contradiction(f"{event.type}: voucher {voucher.id} has not ended")
        if voucher.claimed and event.retention_class != RetentionClass.PAID:
            raise Contradiction(f"{event.type}: money was claimed, so the case has not ended as {event.retention_class}")
        require_term_over(event, context.policies.get(voucher.policy_id), voucher.created_at, context.now)
        # By a statement: the words of an erased subject read as empty already, and their ciphertext has to go all the same.
        of_voucher = col(ChangeRow.voucher_id) == voucher.id
        words = {"explanation": None, "provider": None, "provider_tax_number": None, "reason": None}
        await context.session.execute(update(ChangeRow).where(of_voucher).values(words))
        await context.session.execute(update(ReportRow).where(col(ReportRow.voucher_id) == voucher.id).values(answers=None, note=None))
        bookings = select(col(BookingRow.id)).where(col(BookingRow.voucher_id) == voucher.id)
        await context.session.execute(update(BookingRow).where(col(BookingRow.voucher_id) == voucher.id).values(objection=None))
        await context.session.execute(update(CorrectionRow).where(col(CorrectionRow.booking_id).in_(bookings)).values(reason=None))
        voucher.removed_at = context.now
