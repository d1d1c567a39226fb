"""Another person than who prepared it says yes; above the policy's amount two do."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.about import about_attempt, tell
from services.payments.commands.place_order import place_order
from services.payments.commands.rows import known_disbursement
from services.payments.domain.approvals import Earlier, check_approver
from services.payments.domain.status import Happening, State, require_move
from services.payments.tables import ApprovalRow, AttemptRow, ClaimRow, DisbursementRow, PayeeRow
from shared.contracts.payments import DisbursementApproved
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause


async def approve_disbursement(session: AsyncSession, cause: Cause, actor: Actor, disbursement_id: UUID) -> DisbursementRow:
    voucher, disbursement, attempt = await known_disbursement(session, disbursement_id)
    authorise(actor, Permission.APPROVE_DISBURSEMENT, region=voucher.region)
    target = require_move(State(attempt.state), Happening.APPROVED)
    if voucher.suspended:
        raise Conflict("suspended", "The voucher is suspended: approvals rest until it is resumed.")
    check_approver(actor.id, await _earlier(session, disbursement, attempt))
    session.add(ApprovalRow(attempt_id=attempt.id, account_version=attempt.account_version, approver=actor.id, at=cause.now))
    attempt.approvals += 1
    complete = attempt.approvals == attempt.approvals_needed
    if complete:
        attempt.state = disbursement.state = target
    approved = DisbursementApproved(**about_attempt(voucher, disbursement, attempt), approvals=attempt.approvals, complete=complete)
    tell(session, cause, voucher, approved, "four-eyes")
    if complete:
        await place_order(session, cause, voucher, disbursement, attempt)
    return disbursement


async def _earlier(session: AsyncSession, disbursement: DisbursementRow, attempt: AttemptRow) -> Earlier:
    """The share lock on the payee keeps the account from being changed by somebody between this check and the commit."""
    payee = (await session.scalars(select(PayeeRow).where(col(PayeeRow.id) == attempt.payee_id).with_for_update(read=True))).one()
    claim = await session.get_one(ClaimRow, disbursement.claim_id)
    given = select(col(ApprovalRow.approver)).where(
        col(ApprovalRow.attempt_id) == attempt.id, col(ApprovalRow.account_version) == attempt.account_version
    )
    return Earlier(
        prepared_by=attempt.prepared_by,
        account_set_by=payee.account_set_by,
        claim_checked_by=claim.decided_by or "",
        approved_by=frozenset(await session.scalars(given)),
    )
