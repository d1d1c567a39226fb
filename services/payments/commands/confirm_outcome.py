"""A second person has looked at the bank's document: the payment is paid or rejected by the same transitions as by the bank's answer."""

from uuid import UUID

from services.payments.domain.bank_lines import BankLine, LineOutcome, MatchResult
from services.payments.domain.candidates import require_same_attempt
from services.payments.domain.outcomes import EVENTS, ProvenOutcome, state_after_proof
from services.payments.domain.status import AttemptState
from services.payments.queries.contradictions import refuse_while_frozen
from services.payments.queries.undoing import said_by_proof
from services.payments.steps.bank_answer import apply_bank_answer
from services.payments.steps.outcome_proofs import lock_open_proof
from services.payments.steps.two_persons import confirm, proposal_of
from services.payments.steps.undo_answer import undo_answer
from services.payments.tables import OutcomeProofRow
from shared.identity.duties import Duty
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context


async def confirm_outcome(context: Context, proof_id: UUID) -> OutcomeProofRow:
    """By a person who did not give the proof and prepared no payment of the case. After a proven rejection the next attempt waits for the
    bank's statement, as after any rejection. What undoes a proof makes the outcome unknown again.

    `Forbidden` 'proposed-yourself' or 'incompatible-step'; `Conflict` 'attempt-changed', or 'outcome-known' when the bank has answered
    meanwhile, 'bank-line-open' while it contradicts itself; of an undoing as `state_undone`.
    """
    (voucher, disbursement, attempt), proof = await lock_open_proof(context, proof_id)
    if proof.undoes is not None:
        confirm(context, proof)
        await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
        await undo_answer(context, disbursement.id, said_by_proof(await proposal_of(context, OutcomeProofRow, proof.undoes)))
        return proof
    require_same_attempt(proof.attempt_id, attempt.id)
    outcome = ProvenOutcome(proof.outcome)
    state = state_after_proof(AttemptState(attempt.state), outcome)
    confirm(context, proof)
    await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
    await refuse_while_frozen(context, disbursement)
    record_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, voucher.call_id)
    answer = BankLine(EVENTS[outcome], on=proof.on, bank_reference=proof.bank_reference)
    applied = MatchResult(LineOutcome.APPLIED, EVENTS[outcome], attempt.id, state)
    await apply_bank_answer(context.as_system(), disbursement, answer, applied, confirmed=True)
    return proof
