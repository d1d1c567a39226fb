"""Finance prepares the payment of an accepted claim, and, when one did not arrive, the next attempt."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.approvals import approvals_needed
from services.payments.domain.claims import PayTo, check_payee
from services.payments.domain.status import CORRECTABLE, State
from services.payments.locks import known_claim, known_disbursement
from services.payments.steps.events import about_attempt, tell
from services.payments.steps.found_orders import lost_disbursement
from services.payments.tables import AttemptRow, ClaimRow, DisbursementRow, PayeeRow, VoucherRow
from shared.contracts.payments import DisbursementPrepared
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.ids import derive_id
from shared.messaging.context import Context


async def prepare_disbursement(context: Context, claim_id: UUID) -> DisbursementRow:
    """One disbursement per claim, with an id for life; asked again it is the same one."""
    voucher, claim = await known_claim(context, claim_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=claim.region)
    disbursement = await context.session.scalar(select(DisbursementRow).where(col(DisbursementRow.claim_id) == claim.id))
    if disbursement is not None:
        return disbursement
    if claim.state != "accepted" or claim.granted_minor is None:
        raise Conflict("not-accepted", f"The claim is {claim.state}.")
    if context.now >= context.policies.get(voucher.policy_id).programme_end_at:
        raise Refused("programme-ended", "The programme has ended: there are no payments any more.")
    lost = await lost_disbursement(context, voucher, claim.granted_minor)
    disbursement = DisbursementRow(
        id=lost or derive_id(claim.id, "disbursement"), claim_id=claim.id, voucher_id=voucher.id, region=voucher.region,
        call_id=voucher.call_id, currency=voucher.currency, amount_minor=claim.granted_minor, state=State.PREPARED,
        prepared_at=context.now,
    )  # fmt: skip
    context.session.add(disbursement)
    await _add_attempt(context, voucher, disbursement, claim, claim.payee_id)
    return disbursement


async def prepare_next_attempt(context: Context, disbursement_id: UUID, payee_id: UUID | None) -> DisbursementRow:
    """After the bank rejected it or it came back; the account was corrected, or another payee of the right kind is named.

    An attempt whose outcome is unknown has no next one.
    """
    voucher, disbursement, last = await known_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.PREPARE_DISBURSEMENT, region=voucher.region)
    if disbursement.state not in CORRECTABLE:
        raise Conflict("illegal-transition", f"There is no next attempt while it is {disbursement.state}.", state=disbursement.state)
    if payee_id is not None:
        await _check_payee(context, voucher, payee_id)
    disbursement.attempt += 1
    disbursement.state = State.PREPARED
    claim = await context.session.get_one(ClaimRow, disbursement.claim_id)
    await _add_attempt(context, voucher, disbursement, claim, payee_id or last.payee_id)
    return disbursement


async def _check_payee(context: Context, voucher: VoucherRow, payee_id: UUID) -> None:
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    check_payee(
        PayTo(payee.kind, payee.region, payee.organisation_id),
        region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "",
    )  # fmt: skip


async def _add_attempt(context: Context, voucher: VoucherRow, disbursement: DisbursementRow, claim: ClaimRow, payee_id: UUID) -> None:
    """The share lock on the payee waits for a change of its account: the attempt is pinned to one version."""
    payee = (await context.session.scalars(select(PayeeRow).where(col(PayeeRow.id) == payee_id).with_for_update(read=True))).one()
    attempt = AttemptRow(
        id=derive_id(disbursement.id, "attempt", disbursement.attempt), disbursement_id=disbursement.id, number=disbursement.attempt,
        state=State.PREPARED, payee_id=payee.id, account_version=payee.account_version, prepared_by=context.actor.id,
        approvals_needed=approvals_needed(disbursement.amount_minor, context.policies.get(voucher.policy_id).approvals),
    )  # fmt: skip
    context.session.add(attempt)
    await context.session.flush()
    prepared = DisbursementPrepared(
        **about_attempt(voucher, disbursement, attempt), claim_id=claim.id, amount_minor=disbursement.amount_minor,
        currency=disbursement.currency,
    )  # fmt: skip
    tell(context, voucher, prepared, "claim-accepted" if attempt.number == 1 else "next-attempt")
