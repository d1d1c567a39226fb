"""Finance prepares the payment of an accepted claim, and, when one did not arrive, the next attempt."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claims import PayTo, check_payee, programme_ended
from services.payments.domain.states import BatchState
from services.payments.domain.status import CORRECTABLE, AttemptState
from services.payments.locks import lock_claim, lock_disbursement, share_lock_payee
from services.payments.queries.contradictions import refuse_before_statement, refuse_while_frozen
from services.payments.queries.orphan_orders import disbursement_id_before_restore
from services.payments.steps.apart import keep_setters_off
from services.payments.steps.count_for_approvals import count_for_approvals
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.steps.payees import cooling_off
from services.payments.steps.related_parties import keep_related_off
from services.payments.tables import AttemptRow, BatchRow, ClaimRow, DisbursementRow, PayeeRow, VoucherRow
from shared.contracts.payments import DisbursementPrepared
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def prepare_disbursement(context: Context, claim_id: UUID) -> DisbursementRow:
    """One disbursement per claim, with one id for life: a repeated request returns it."""
    voucher, claim = await lock_claim(context, claim_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=claim.region)
    disbursement = await context.session.scalar(select(DisbursementRow).where(col(DisbursementRow.claim_id) == claim.id))
    if disbursement is not None:
        return disbursement
    if claim.state != ClaimState.ACCEPTED or claim.granted_minor is None:
        raise Conflict("claim-not-accepted", "Only an accepted claim is paid; this one is {state}.", state=claim.state)
    if context.now >= context.policies.get(voucher.policy_id).programme_end_at:
        raise programme_ended()
    if claim.payable_minor == 0:
        raise Conflict("nothing-to-pay", "Nothing of this claim is to be paid: it is settled against the advance, or kept for the balance.")
    earlier_id = await disbursement_id_before_restore(context, voucher, claim.payable_minor)
    disbursement = DisbursementRow(
        id=earlier_id or derive_id(claim.id, "disbursement"), claim_id=claim.id, voucher_id=voucher.id, region=voucher.region,
        call_id=voucher.call_id, currency=voucher.currency, amount_minor=claim.payable_minor, own_minor=claim.own_minor,
        state=AttemptState.PREPARED, prepared_at=context.now,
    )  # fmt: skip
    context.session.add(disbursement)
    claim.prepared = True
    await _add_attempt(context, voucher, disbursement, claim, claim.payee_id)
    return disbursement


async def prepare_next_attempt(context: Context, disbursement_id: UUID, payee_id: UUID | None) -> DisbursementRow:
    """After a rejection or a return by the bank; the account was corrected, or another payee of the right kind is named.

    An attempt whose outcome is unknown, or whose file is not sent yet, has no next one. `Conflict` 'bank-line-open' or
    'statement-awaited': the payment may have been made.
    """
    voucher, disbursement, last = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    state = disbursement.state if disbursement.state not in CORRECTABLE else await _state_of_unsent_batch(context, last)
    if state is not None:
        raise Conflict("attempt-not-ended", "There is no next attempt while this one is {state}.", state=state)
    await refuse_while_frozen(context, disbursement)
    await refuse_before_statement(context, last)
    if payee_id is not None:
        await _check_payee(context, voucher, payee_id)
    disbursement.attempt += 1
    disbursement.state = AttemptState.PREPARED
    claim = await context.session.get_one(ClaimRow, disbursement.claim_id)
    await _add_attempt(context, voucher, disbursement, claim, payee_id or last.payee_id)
    return disbursement


async def _state_of_unsent_batch(context: Context, attempt: AttemptRow) -> str | None:
    """None when the attempt's file cannot be written any more: it is sent, or it was given out before a restore."""
    batch = await context.session.get(BatchRow, attempt.batch_id, populate_existing=True) if attempt.batch_id else None
    return None if batch is None or batch.state == BatchState.SENT or batch.imported_at else batch.state


async def _check_payee(context: Context, voucher: VoucherRow, payee_id: UUID) -> None:
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    check_payee(
        PayTo(payee.kind, payee.region, payee.organisation_id),
        region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "",
    )  # fmt: skip


async def _add_attempt(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, claim: ClaimRow, payee_id: UUID) -> None:
    """The share lock on the payee waits for a change of its account, so the attempt is pinned to one version.

    An attempt to another payee than the claim names rests like a changed account.
    """
    payee = await share_lock_payee(context, payee_id)
    if not payee.account_version:
        raise Conflict("account-not-in-force", "The account of this payee waits for its confirmation.")
    await take_part(context, Duty.PREPARE, voucher.application_id, payee.id, call_id=voucher.call_id)
    await keep_setters_off(context, voucher, payee)
    await keep_related_off(context, voucher, payee)
    approvals = context.policies.get(voucher.policy_id).approvals
    attempt = AttemptRow(
        id=derive_id(disbursement.id, "attempt", disbursement.attempt), disbursement_id=disbursement.id, number=disbursement.attempt,
        state=AttemptState.PREPARED, payee_id=payee.id, account_version=payee.account_version, prepared_by=context.actor.id,
        prepared_at=context.now, counted_minor=disbursement.amount_minor, approvals_needed=1,
        cooling_off_until=None if payee.id == claim.payee_id else context.now + cooling_off(context.policies, payee.region),
    )  # fmt: skip
    await count_for_approvals(context, disbursement, attempt, payee, approvals)
    context.session.add(attempt)
    await context.session.flush()
    prepared = DisbursementPrepared(
        **disbursement_fields(voucher, disbursement, attempt), claim_id=claim.id, amount_minor=disbursement.amount_minor,
        currency=disbursement.currency,
    )  # fmt: skip
    publish_voucher_event(context, voucher, prepared, "claim-accepted" if attempt.number == 1 else "next-attempt")
