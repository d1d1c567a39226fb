"""Who took part in the case of a payment, and what the person who asks may do in it now."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.queries.desk_views import StandingView, TakenStepView
from services.payments.tables import AttemptRow, DisbursementRow, VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Forbidden, NotFound
from shared.messaging.acts import ActRow, take_part
from shared.messaging.context import Context

STEPS = {
    Duty.PREPARE: Permission.PREPARE_DISBURSEMENT,
    Duty.APPROVE: Permission.APPROVE_DISBURSEMENT,
    Duty.SEAL: Permission.SEAL_BATCH,
    Duty.RELEASE: Permission.RELEASE_BATCH,
    Duty.RESOLVE_BANK_LINE: Permission.RESOLVE_BANK_LINE,
}


async def get_standing(context: Context, disbursement_id: UUID) -> StandingView:
    """By the same checks as the acts themselves; a sign-in that is too old closes nothing. `NotFound` 'unknown-disbursement'."""
    disbursement = await context.session.get(DisbursementRow, disbursement_id)
    if disbursement is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=disbursement.region)
    voucher = await context.session.get_one(VoucherRow, disbursement.voucher_id)
    payees = select(col(AttemptRow.payee_id)).where(col(AttemptRow.disbursement_id) == disbursement_id)
    subjects = [voucher.application_id, *await context.session.scalars(payees.distinct())]
    closed = {step: await _closed(context, step, voucher, subjects) for step in STEPS}
    return StandingView(
        taken=await _taken(context, subjects), closed={step.value: code for step, code in closed.items() if code is not None}
    )


async def _closed(context: Context, step: Duty, voucher: VoucherRow, subjects: list[UUID]) -> str | None:
    try:
        authorise(replace(context.actor, fresh=True), STEPS[step], region=voucher.region)
        await take_part(context, step, *subjects, call_id=voucher.call_id)
    except Forbidden as refusal:
        return refusal.code
    return None


async def _taken(context: Context, subjects: list[UUID]) -> list[TakenStepView]:
    query = select(ActRow).where(col(ActRow.subject_id).in_(subjects)).order_by(col(ActRow.at), col(ActRow.event_id))
    return [TakenStepView(actor=row.actor, step=row.duty, at=row.at) for row in await context.session.scalars(query)]
