"""What is known of a payment of which two persons take back what they have said."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.payments.domain.bank_statuses import StatusMeaning
from services.payments.domain.outcomes import EVENTS, ProvenOutcome
from services.payments.domain.states import ProposalState
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.domain.undoing import STATE_OF_EVENT, SaidOfPayment, state_undone
from services.payments.queries.line_acts import LineAct
from services.payments.queries.movements import came_back
from services.payments.tables import AttemptRow, BankLineRow, DisbursementRow, OutcomeProofRow, RecoveryRow, VoucherRow
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import RecoveryState
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of an attempt: the state that it led to, and the bank's day in what was read."""

    attempt_id: UUID
    state: AttemptState
    on: date | None


def said_by(line: BankLineRow, attempt_id: UUID) -> Said:
    """What a line was said to be by its match."""
    by_match = PaymentEvent.RETURNED if came_back(line) else PaymentEvent.BOOKED
    event = line.payment_event or (PaymentEvent.BANK_REJECTED if line.reason == StatusMeaning.CANCELLED else by_match)
    return Said(attempt_id, STATE_OF_EVENT[event], line.on)


def said_by_proof(proof: OutcomeProofRow) -> Said:
    return Said(proof.attempt_id, STATE_OF_EVENT[EVENTS[ProvenOutcome(proof.outcome)]], proof.on)


async def undone_state(context: Context, said: Said) -> AttemptState:
    """The state to which the undoing leads. `Conflict` as `state_undone`."""
    attempt = await context.session.get_one(AttemptRow, said.attempt_id)
    disbursement = await context.session.get_one(DisbursementRow, attempt.disbursement_id)
    voucher = await context.session.get_one(VoucherRow, disbursement.voucher_id)
    return state_undone(await _known(context, voucher, disbursement, attempt, said))


async def obstacle_to_undoing(context: Context, said: Said) -> str | None:
    """The code of the refusal."""
    try:
        await undone_state(context, said)
    except Refused as refused:
        return refused.code
    return None


async def obstacle_of_line(context: Context, line: BankLineRow, acts: list[LineAct]) -> str | None:
    found = [await obstacle_to_undoing(context, said_by(line, act.attempt_id)) for act in acts if act.attempt_id]
    return next(filter(None, found), None)


async def may_be_undone(context: Context, proof: OutcomeProofRow) -> bool:
    if proof.state != ProposalState.CONFIRMED or proof.undoes is not None:
        return False
    return await obstacle_to_undoing(context, said_by_proof(proof)) is None


async def _known(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, attempt: AttemptRow, said: Said) -> SaidOfPayment:
    state = AttemptState(attempt.state)
    of_attempt = (col(RecoveryRow.attempt_id) == attempt.id, col(RecoveryRow.state) != RecoveryState.WRITTEN_OFF)
    asked_back = bool(await context.session.scalar(select(exists().where(*of_attempt))))
    return SaidOfPayment(
        said=said.state,
        state=state,
        is_latest=attempt.number == disbursement.attempt,
        said_on=said.on,
        on={AttemptState.PAID: attempt.paid_on, AttemptState.RETURNED: attempt.returned_on}.get(state),
        came_back=attempt.returned_before is not None,
        asked_back=asked_back or voucher.paid_minor - disbursement.aid_minor < voucher.recovered_minor,
        rejection_confirmed=attempt.rejection_confirmed_at is not None,
    )
