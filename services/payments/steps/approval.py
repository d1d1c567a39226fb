"""The next approval that the policy asks for is given: alone, or as one of many."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.approvals import check_approver, check_unchanged, next_step
from services.payments.domain.claims import refuse_while_suspended
from services.payments.domain.status import AttemptState, PaymentEvent, require_move
from services.payments.locks import lock_disbursement, share_lock_payee
from services.payments.queries.approvals import hash_to_approve
from services.payments.queries.contradictions import refuse_while_frozen
from services.payments.queries.proven import key_of
from services.payments.steps.apart import keep_setters_off
from services.payments.steps.count_for_approvals import count_for_approvals
from services.payments.steps.events import disbursement_fields, publish_voucher_event
from services.payments.steps.match_orphan_order import match_orphan_order
from services.payments.steps.related_parties import keep_related_off
from services.payments.tables import ApprovalRow, AttemptRow, DisbursementRow
from shared.contracts.payments import DisbursementApproved
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def approve(context: Context, disbursement_id: UUID, read_hash: str) -> DisbursementRow:
    """The approver needs the permission of the step (`domain/approvals.py`). Approvals of an account that was changed do not count.
    `read_hash` is the payment's hash as the approver read it: `Conflict` 'approval-outdated' when it is another one by now.

    What was prepared since on the voucher or to the account counts too, so a payment may need more approvals than before.
    After a restore the attempt may turn out to be ordered already: it is then unknown instead of approved.
    """
    voucher, disbursement, attempt = await lock_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.READ_PAYMENTS, region=voucher.region)
    target = require_move(AttemptState(attempt.state), PaymentEvent.APPROVED)
    refuse_while_suspended(voucher.suspended)
    await refuse_while_frozen(context, disbursement)
    approvals = context.policies.get(voucher.policy_id).approvals
    payee = await share_lock_payee(context, attempt.payee_id)  # no change of the account between the checks and the commit
    await count_for_approvals(context, disbursement, attempt, payee, approvals)
    number, step = next_step(approvals.required(attempt.counted_minor), attempt.approvals)
    check_approver(context.actor, step, voucher.region, await _approvers(context, attempt))
    await take_part(context, Duty.APPROVE, voucher.application_id, payee.id, call_id=voucher.call_id)
    await keep_setters_off(context, voucher, payee)
    await keep_related_off(context, voucher, payee)
    payment_hash = await hash_to_approve(context, disbursement, attempt)
    check_unchanged(read_hash, payment_hash)
    approval = ApprovalRow(
        attempt_id=attempt.id, account_version=attempt.account_version, approver=context.actor.id, step=number,
        payment_hash=payment_hash, at=context.now,
    )  # fmt: skip
    context.session.add(approval)
    attempt.approvals = number
    complete = attempt.approvals == attempt.approvals_needed
    if complete:
        attempt.state = disbursement.state = target
    approved = DisbursementApproved(
        **disbursement_fields(voucher, disbursement, attempt), approvals=attempt.approvals, complete=complete,
        payment_key=key_of(context, payment_hash),
    )  # fmt: skip
    publish_voucher_event(context, voucher, approved, "four-eyes")
    if complete:
        await match_orphan_order(context, voucher, disbursement, attempt)
    return disbursement


async def _approvers(context: Context, attempt: AttemptRow) -> set[str]:
    given = select(col(ApprovalRow.approver)).where(
        col(ApprovalRow.attempt_id) == attempt.id, col(ApprovalRow.account_version) == attempt.account_version
    )
    return set(await context.session.scalars(given))
