"""Another person than who prepared it says yes; above the policy's amount two do."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.approvals import Earlier, check_approver
from services.payments.domain.status import Happening, State, require_move
from services.payments.locks import known_disbursement
from services.payments.steps.events import about_attempt, tell
from services.payments.steps.place_order import place_order
from services.payments.tables import ApprovalRow, AttemptRow, ClaimRow, DisbursementRow, PayeeRow
from shared.contracts.payments import DisbursementApproved
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def approve_disbursement(context: Context, disbursement_id: UUID) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(context, disbursement_id)
    authorise(context.actor, Permission.APPROVE_DISBURSEMENT, region=voucher.region)
    target = require_move(State(attempt.state), Happening.APPROVED)
    if voucher.suspended:
        raise Conflict("suspended", "The voucher is suspended: approvals rest until it is resumed.")
    check_approver(context.actor.id, await _earlier(context, disbursement, attempt))
    context.session.add(
        ApprovalRow(attempt_id=attempt.id, account_version=attempt.account_version, approver=context.actor.id, at=context.now)
    )
    attempt.approvals += 1
    complete = attempt.approvals == attempt.approvals_needed
    if complete:
        attempt.state = disbursement.state = target
    approved = DisbursementApproved(**about_attempt(voucher, disbursement, attempt), approvals=attempt.approvals, complete=complete)
    tell(context, voucher, approved, "four-eyes")
    if complete:
        await place_order(context, voucher, disbursement, attempt)
    return disbursement


async def _earlier(context: Context, disbursement: DisbursementRow, attempt: AttemptRow) -> Earlier:
    """The share lock on the payee keeps the account from being changed by somebody between this check and the commit."""
    payee = (await context.session.scalars(select(PayeeRow).where(col(PayeeRow.id) == attempt.payee_id).with_for_update(read=True))).one()
    claim = await context.session.get_one(ClaimRow, disbursement.claim_id)
    given = select(col(ApprovalRow.approver)).where(
        col(ApprovalRow.attempt_id) == attempt.id, col(ApprovalRow.account_version) == attempt.account_version
    )
    return Earlier(
        prepared_by=attempt.prepared_by,
        account_set_by=payee.account_set_by,
        claim_checked_by=claim.decided_by or "",
        approved_by=frozenset(await context.session.scalars(given)),
    )
