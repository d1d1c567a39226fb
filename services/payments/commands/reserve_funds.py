"""Holds an award's amount in the envelope for an offer, or says that there is not enough."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.payments.domain.ledger import Kind
from services.payments.steps.events import about, tell
from services.payments.steps.ledger import record, take_from_envelope
from services.payments.tables import EnvelopeRow, VoucherRow
from shared.contracts.payments import FundsReservationRefused, FundsReserved
from shared.contracts.vouchers import FundsReservationRequested
from shared.kernel.errors import NotYet, Transient
from shared.messaging.context import Context


async def reserve_funds(context: Context, asked: FundsReservationRequested) -> None:
    """A voucher asks once: its row keeps the answer. A currency other than the envelope's is a defect."""
    envelope = await context.session.get(EnvelopeRow, asked.call_id)
    if envelope is None:
        raise NotYet(asked.call_id, "the call has not come yet")
    if await context.session.get(VoucherRow, asked.voucher_id) is not None:
        return
    if asked.currency != envelope.currency:
        raise ValueError(f"asked for {asked.currency} of an envelope in {envelope.currency}")
    available = await take_from_envelope(context, asked.call_id, Kind.RESERVED, asked.amount_minor)
    await _keep(context, asked, "refused" if available is None else "reserved")
    voucher = await context.session.get_one(VoucherRow, asked.voucher_id)
    if available is None:
        await context.session.refresh(envelope)
        refused = FundsReservationRefused(
            **about(voucher), amount_minor=asked.amount_minor, currency=asked.currency, available_minor=envelope.available_minor
        )
        tell(context, voucher, refused, "envelope-exhausted")
        return
    await record(context, voucher.call_id, voucher.id, Kind.RESERVED, asked.amount_minor, voucher.id)
    reserved = FundsReserved(**about(voucher), amount_minor=asked.amount_minor, currency=asked.currency, available_minor=available)
    tell(context, voucher, reserved, "award-granted")


async def _keep(context: Context, asked: FundsReservationRequested, state: str) -> None:
    row = VoucherRow(
        id=asked.voucher_id, application_id=asked.application_id, call_id=asked.call_id, region=asked.region,
        organisation_id=asked.organisation_id, policy_id=asked.policy_id, currency=asked.currency, state=state,
        amount_minor=asked.amount_minor, reserved_minor=asked.amount_minor if state == "reserved" else 0,
    )  # fmt: skip
    keep = insert(VoucherRow).values(row.model_dump()).on_conflict_do_nothing().returning(col(VoucherRow.id))
    if await context.session.scalar(keep) is None:
        raise Transient("the same reservation was asked for at the same moment")  # undoes what was taken; the next try finds the row
