"""Drafts of claims, for the beneficiary's organisation and nobody else."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.accounts import masked
from services.payments.domain.claim_lines import Gap, compute, eligible_of, gaps
from services.payments.domain.remainders import remainder
from services.payments.domain.states import CORRECTABLE, OrderState, PayeeKind
from services.payments.queries.claim_details import line_view, unknown_file
from services.payments.queries.claim_lines import as_documents, as_line, documents_of, lines_of, unknown_draft
from services.payments.queries.claim_views import ClaimDraftView, ComputationView, GapView, OwnHoursView, PayeeChoiceView
from services.payments.queries.earlier_claims import earlier_claims
from services.payments.queries.order_facts import order_of_draft
from services.payments.tables import ClaimDraftRow, ClaimFileRow, ClaimRow, PayeeRow, VoucherRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import NotFound
from shared.kernel.vocabulary import ClaimState, PaymentMode
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate
from shared.texts import translate

MOST_PAYEES = 500
DRAFT = "draft"
"""The state of a draft that was never lodged."""


async def claim_drafts_of(context: Context, voucher_id: UUID, language: str) -> list[ClaimDraftView]:
    """Those of the voucher, in the order in which they were begun. `NotFound` 'unknown-voucher'; `Forbidden`."""
    voucher = await context.session.get(VoucherRow, voucher_id)
    if voucher is None:
        raise NotFound("unknown-voucher", "There is no such voucher.")
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    row = ClaimDraftRow
    query = select(row).where(col(row.voucher_id) == voucher_id, col(row.discarded_at).is_(None)).order_by(col(row.begun_at), col(row.id))
    return [await _view(context, draft, language) for draft in (await context.session.scalars(query)).all()]


async def claim_draft_of(context: Context, draft_id: UUID, language: str) -> ClaimDraftView:
    """`NotFound` 'unknown-draft'; `Forbidden`."""
    return await _view(context, await _to_read(context, draft_id), language)


async def document_of_draft(context: Context, draft_id: UUID, file_id: UUID) -> ClaimFileRow:
    """A document at a line of the draft. `NotFound` 'unknown-file'."""
    draft = await _to_read(context, draft_id)
    file = await context.session.get(ClaimFileRow, file_id)
    if file is None or file.draft_id != draft.id or file.removed_at is not None or file.deleted_at is not None:
        raise unknown_file()
    return file


async def _to_read(context: Context, draft_id: UUID) -> ClaimDraftRow:
    draft = await context.session.get(ClaimDraftRow, draft_id)
    if draft is None:
        raise unknown_draft()
    order = await order_of_draft(context, draft.id)
    served = order is not None and order.state in (OrderState.REDEEMED, OrderState.INVOICED)
    is_provider = order is not None and served and context.actor.organisation_id == order.provider_organisation_id
    owner = order.provider_organisation_id if order is not None and is_provider else draft.organisation_id
    authorise(context.actor, Permission.LODGE_CLAIM, region=draft.region, owner=owned_by(owner))
    if draft.discarded_at is not None:
        raise unknown_draft()
    return draft


async def _view(context: Context, draft: ClaimDraftRow, language: str) -> ClaimDraftView:
    voucher = await context.session.get_one(VoucherRow, draft.voucher_id)
    claim = None if draft.claim_id is None else await context.session.get_one(ClaimRow, draft.claim_id)
    rows, files = await lines_of(context, draft.id), await documents_of(context, draft.id)
    lines, documents = [as_line(row) for row in rows], as_documents(rows, files)
    policy = context.policies.get(voucher.policy_id)
    held = 0 if claim is None or claim.state in (ClaimState.REJECTED, ClaimState.REPLACED) else claim.granted_minor or claim.requested_minor
    is_returned = claim is not None and claim.state == ClaimState.RETURNED
    eligible = eligible_of(lines, policy, voucher.terms)
    added = remainder(eligible, await earlier_claims(context, voucher, but=draft.claim_id), granted_rate(policy, voucher.terms))
    found = gaps(lines, documents, draft.payee_id is not None, policy)
    sums = compute(lines, policy, voucher.value_minor, voucher.claimed_minor - held, voucher.terms, added)
    order = await order_of_draft(context, draft.id)
    values: dict[str, Any] = {
        **draft.model_dump(),
        "draft_id": draft.id,
        "application_id": voucher.application_id,
        "call_id": voucher.call_id,
        "currency": voucher.currency,
        "payment_mode": voucher.payment_mode,
        "state": DRAFT if claim is None else claim.state,
        "editable": claim is None or claim.state in CORRECTABLE,
        "note": claim.note if claim and is_returned else None,
        "correct_by": claim.correct_by if claim and is_returned else None,
        "claim_window_until": voucher.claim_window_until,
        "evidence": list(policy.claims.evidence),
        "recoverable_vat_eligible": policy.value.recoverable_vat_eligible,
        "vat_eligible": policy.vat.eligible if policy.vat else None,
        "recovers_vat": (voucher.terms or {}).get("recovers_vat"),
        "valid_until": voucher.valid_until,
        "grace_until": policy.grace_ends(voucher.valid_until) if policy.grace and voucher.valid_until else None,
        "own_hours": policy.own_hours and OwnHoursView.model_validate(policy.own_hours),
        "payees": await payees_for(context, voucher) if order is None else [],
        "order_id": order.id if order else None,
        "lines": [line_view(row, [file for file in files if file.line_id == row.id]) for row in rows],
        "computation": ComputationView.model_validate(sums),
        "gaps": [_gap_view(gap, language) for gap in found],
    }
    return ClaimDraftView.model_validate(values)


async def payees_for(context: Context, voucher: VoucherRow) -> list[PayeeChoiceView]:
    """To whom the voucher may be paid."""
    row, direct = PayeeRow, voucher.payment_mode == PaymentMode.PROVIDER_DIRECT
    criteria = [col(row.region) == voucher.region, col(row.kind) == (PayeeKind.PROVIDER if direct else PayeeKind.BENEFICIARY)]
    if not direct:
        criteria.append(col(row.organisation_id) == voucher.organisation_id)
    found = (await context.session.scalars(select(row).where(*criteria).order_by(col(row.id)).limit(MOST_PAYEES))).all()
    return [PayeeChoiceView(payee_id=one.id, name=one.name, account=None if direct else _masked(one.account_number)) for one in found]


def _masked(number: str | None) -> str | None:
    return None if number is None else masked(number)


def _gap_view(gap: Gap, language: str) -> GapView:
    refusal = gap.refusal
    message = translate(refusal.message, refusal.facts, language)
    return GapView(code=refusal.code, message=message, field=refusal.field, line=gap.line)
