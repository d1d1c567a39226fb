"""Disbursements with their latest attempt."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select, tuple_
from sqlmodel import col

from services.payments.domain.bulk import ItemResult
from services.payments.domain.states import ProposalState
from services.payments.domain.status import AttemptState
from services.payments.queries.approvals import account_of, hash_of
from services.payments.queries.contradictions import awaited_statements, open_lines
from services.payments.queries.desk_views import ApprovalResultsView, ApprovalResultView
from services.payments.queries.filters import matching
from services.payments.queries.views import AccountVersionView, ApprovalStepView, DisbursementDetail, DisbursementView
from services.payments.queries.vouchers import vouchers_by_id
from services.payments.tables import (
    ApprovalRow,
    AttemptRow,
    BankLineRow,
    ClaimRow,
    DisbursementRow,
    OutcomeProofRow,
    PayeeAccountRow,
    VoucherRow,
)
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.texts import translate
from shared.web.paging import Page, Paging, Sorting, page_of

DISBURSEMENTS = Sorting(
    {"prepared_at": DisbursementRow.prepared_at, "amount_minor": DisbursementRow.amount_minor},
    unique=DisbursementRow.id,
    default="prepared_at",
)


class DisbursementFilter(BaseModel):
    """None: any. `proof`: with a proof of its outcome in this state."""

    region: str | None = None
    state: AttemptState | None = None
    voucher_id: UUID | None = None
    call_id: UUID | None = None
    batch_id: UUID | None = None
    proof: ProposalState | None = None


async def list_disbursements(context: Context, paging: Paging, wanted: DisbursementFilter) -> Page[DisbursementView]:
    row = DisbursementRow
    criteria = matching(state=(row.state, wanted.state), voucher=(row.voucher_id, wanted.voucher_id), call=(row.call_id, wanted.call_id))
    if wanted.batch_id is not None:
        criteria.append(col(row.id).in_(select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.batch_id) == wanted.batch_id)))
    if wanted.proof is not None:
        proofs = select(col(OutcomeProofRow.disbursement_id)).where(col(OutcomeProofRow.state) == wanted.proof)
        criteria.append(col(row.id).in_(proofs))
    query = select(row).where(in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row), *criteria)
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await _views(context, page.items))


async def get_disbursement(context: Context, disbursement_id: UUID) -> DisbursementDetail:
    """`NotFound` 'unknown-disbursement'."""
    row = await context.session.get(DisbursementRow, disbursement_id)
    if row is None:
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    authorise(context.actor, Permission.READ_PAYMENTS, region=row.region)
    return await disbursement_detail(context, row)


async def disbursement_detail(context: Context, row: DisbursementRow) -> DisbursementDetail:
    """The view with the account that is paid to, and the steps of approval that the policy asks for, given or not."""
    [view] = await _views(context, [row])
    voucher = await context.session.get_one(VoucherRow, row.voucher_id)
    given = await _approvals_of(context, view.attempt_id)
    attempt = await context.session.get_one(AttemptRow, view.attempt_id)
    steps = context.policies.get(voucher.policy_id).approvals.required(attempt.counted_minor)
    shown = [
        ApprovalStepView(
            number=number,
            permission=step.permission,
            approver=given[number].approver if number in given else None,
            at=given[number].at if number in given else None,
        )
        for number, step in enumerate(steps, 1)
    ]
    account = await account_of(context, attempt)
    return DisbursementDetail(
        **view.model_dump(),
        counted_minor=attempt.counted_minor,
        account=AccountVersionView.of(account),
        approval_steps=shown,
    )


async def results_view(context: Context, results: Sequence[ItemResult], currency: str, language: str) -> ApprovalResultsView:
    """The refusals in the language of who asks."""
    approved = [one.disbursement_id for one in results if one.refusal is None]
    amounts = select(func.coalesce(func.sum(col(DisbursementRow.amount_minor)), 0)).where(col(DisbursementRow.id).in_(approved))
    items = [
        ApprovalResultView(
            disbursement_id=one.disbursement_id,
            state=one.state,
            code=one.refusal and one.refusal.code,
            detail=one.refusal and translate(one.refusal.message, one.refusal.facts, language),
        )
        for one in results
    ]
    total = int(await context.session.scalar(amounts) or 0)
    return ApprovalResultsView(approved=len(approved), approved_minor=total, currency=currency, items=items)


async def _views(context: Context, rows: Sequence[DisbursementRow]) -> list[DisbursementView]:
    attempts = await _attempts_of(context, rows)
    vouchers = await vouchers_by_id(context, [row.voucher_id for row in rows])
    accounts = await _accounts_of(context, list(attempts.values()))
    due = await _due_days(context, rows)
    frozen, awaited = await open_lines(context, rows), await awaited_statements(context, list(attempts.values()))
    return [
        DisbursementView.model_validate(
            {
                **attempts[row.id].model_dump(),
                **row.model_dump(),
                "disbursement_id": row.id,
                "attempt_id": attempts[row.id].id,
                "application_id": vouchers[row.voucher_id].application_id,
                "voucher_code": vouchers[row.voucher_id].code,
                "payee_name": accounts[attempts[row.id].id].name,
                "payment_hash": hash_of(row, accounts[attempts[row.id].id]),
                "pay_by": due[row.claim_id],
                **_wait(frozen.get(row.id), awaited.get(attempts[row.id].id)),
            }
        )
        for row in rows
    ]


def _wait(line: BankLineRow | None, day: date | None) -> dict[str, Any]:
    waits_for = "bank-line-open" if line else "statement-awaited" if day else None
    return {"waits_for": waits_for, "open_line_id": line.id if line else None, "statement_day": day}


async def _attempts_of(context: Context, rows: Sequence[DisbursementRow]) -> dict[UUID, AttemptRow]:
    """Disbursement → its latest attempt."""
    query = select(AttemptRow).where(col(AttemptRow.disbursement_id).in_([row.id for row in rows])).order_by(col(AttemptRow.number))
    return {attempt.disbursement_id: attempt for attempt in await context.session.scalars(query)}


async def _accounts_of(context: Context, attempts: Sequence[AttemptRow]) -> dict[UUID, PayeeAccountRow]:
    """Attempt → the version of the account that it pays to."""
    keys = tuple_(col(PayeeAccountRow.payee_id), col(PayeeAccountRow.version))
    query = select(PayeeAccountRow).where(keys.in_([(one.payee_id, one.account_version) for one in attempts]))
    found = {(row.payee_id, row.version): row for row in await context.session.scalars(query)}
    return {one.id: found[one.payee_id, one.account_version] for one in attempts}


async def _due_days(context: Context, rows: Sequence[DisbursementRow]) -> dict[UUID, datetime | None]:
    """Claim → until when it is to be paid."""
    query = select(col(ClaimRow.id), col(ClaimRow.pay_by)).where(col(ClaimRow.id).in_([row.claim_id for row in rows]))
    return {row.id: row.pay_by for row in await context.session.execute(query)}


async def _approvals_of(context: Context, attempt_id: UUID) -> dict[int, ApprovalRow]:
    """Step → the approval that counts: one of the account that is to be paid."""
    current = (col(ApprovalRow.attempt_id) == attempt_id, col(ApprovalRow.account_version) == col(AttemptRow.account_version))
    query = select(ApprovalRow).join(AttemptRow, col(AttemptRow.id) == col(ApprovalRow.attempt_id)).where(*current)
    return {row.step: row for row in await context.session.scalars(query)}
