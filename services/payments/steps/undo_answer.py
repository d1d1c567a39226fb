"""What two persons have said of a payment is taken back: its state, its money and the event that says so."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.domain.undoing import UNDOES
from services.payments.locks import lock_disbursement
from services.payments.queries.undoing import Said, undone_state
from services.payments.steps.bank_answer import apply_consequences, origin_of
from services.payments.steps.deposits import move_own_part
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.steps.ledger import move_money
from services.payments.steps.recoveries import undo_returned
from services.payments.tables import AttemptRow, BankLineRow
from shared.contracts.corrections import DisbursementCorrected
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context

UNDONE_BY_PERSONS = "undone-by-persons"
_OPPOSITE = {AttemptState.PAID: AttemptState.RETURNED, AttemptState.RETURNED: AttemptState.PAID}
"""How the part of a deposit moves: back as by a return, and away as by a booking."""


async def undo_answer(context: Context, disbursement_id: UUID, said: Said) -> None:
    """By the second of two persons, who takes part in the case. `Conflict` as `state_undone`."""
    voucher, disbursement, _ = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.RESOLVE_BANK_LINE, region=voucher.region)
    attempt = await context.session.get_one(AttemptRow, said.attempt_id, populate_existing=True)
    target, undone = await undone_state(context, said), AttemptState(attempt.state)
    attempt.corrections += 1
    await _forget(context, attempt, undone)
    attempt.state = disbursement.state = target
    if undone in UNDOES:
        await move_money(context, voucher, UNDOES[undone], disbursement.aid_minor, origin_of(attempt))
        await move_own_part(context, disbursement, origin_of(attempt), _OPPOSITE[undone])
    corrected = DisbursementCorrected(
        **disbursement_fields(voucher, disbursement, attempt), correction=attempt.corrections, undone=undone.value, state=target.value,
        amount_minor=disbursement.amount_minor, currency=disbursement.currency, own_minor=disbursement.own_minor or None,
    )  # fmt: skip
    publish_voucher_event(context, voucher, corrected, UNDONE_BY_PERSONS)
    if undone is AttemptState.RETURNED:
        await undo_returned(context.as_system(), voucher, attempt)
    await apply_consequences(context.as_system(), voucher, disbursement, attempt)


async def _forget(context: Context, attempt: AttemptRow, undone: AttemptState) -> None:
    """What the answer has said of the attempt. A debit before a return is known by its line."""
    if undone is AttemptState.PAID:
        attempt.returned_on, attempt.returned_before = attempt.returned_before, None
        attempt.paid_on = attempt.bank_reference = attempt.booked_by = None
        if attempt.returned_on is not None:
            booked = (col(BankLineRow.attempt_id) == attempt.id, col(BankLineRow.payment_event) == PaymentEvent.BOOKED)
            attempt.paid_on = await context.session.scalar(select(func.min(col(BankLineRow.on))).where(*booked))
    elif undone is AttemptState.RETURNED:
        attempt.returned_on = attempt.bank_reason = None
    elif undone is AttemptState.REJECTED:
        attempt.bank_reason = None
