"""Lodging a claim: of a request as a whole, or of a draft with its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.claims import ClaimedVoucher, Evidence, PayTo, check_claim, invoices_of, issued_in
from services.payments.domain.deposits import refuse_before_deposit
from services.payments.domain.expenditure_window import window_of
from services.payments.domain.instalments import ClaimKind
from services.payments.domain.invoices import Invoice, is_used, plain_key
from services.payments.domain.providers import check_providers
from services.payments.domain.states import PayeeKind
from services.payments.locks import lock_invoices
from services.payments.queries.claims import count_undecided
from services.payments.queries.earlier_claims import dates_of, earlier_claims
from services.payments.queries.order_facts import order_of_draft
from services.payments.queries.orphan_orders import count_unmatched
from services.payments.queries.providers import provider_changes
from services.payments.steps.apart import keep_setters_off
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.parties import check_independent
from services.payments.steps.related_parties import keep_related_issuers_off, keep_related_off
from services.payments.tables import ClaimRow, DepositRow, EnvelopeRow, EvidenceRow, PayeeRow, VoucherRow
from shared.contracts.payments import ClaimLodged
from shared.identity.duties import Duty
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.ids import new_id
from shared.kernel.invoice_numbers import number_key
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState, EvidenceKind
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate
from shared.privacy.sealed import digest_of

UNCOUNTED = (ClaimState.REJECTED, ClaimState.REPLACED)
"""Claims that have no money and no documents any more."""


@dataclass(frozen=True, slots=True)
class NewClaim:
    """`draft_id`, `before_minor` and `remainder_minor` of one with lines. `replaces`: a claim that was returned, and is replaced by now."""

    voucher_id: UUID
    payee_id: UUID
    eligible_minor: int
    requested_minor: int
    evidence: Sequence[Evidence]
    draft_id: UUID | None = None
    before_minor: int | None = None
    remainder_minor: int | None = None
    replaces: ClaimRow | None = None


async def lodge(context: Context, voucher: VoucherRow, new: NewClaim, most_open: int) -> ClaimRow:
    """The caller holds the lock on the voucher, so that claims at the same moment cannot add up to more than its value.

    `Conflict` 'too-many-claims' when `most_open` claims of the organisation wait for a decision; claims at the same moment may
    exceed that by their number.
    """
    payee = await context.session.get(PayeeRow, new.payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    await take_part(context, Duty.APPLY, voucher.application_id, payee.id, call_id=voucher.call_id)
    await keep_setters_off(context, voucher, payee)
    policy = context.policies.get(voucher.policy_id)
    check_claim(
        await facts_of(context, voucher, new.replaces),
        PayTo(payee.kind, payee.region, payee.organisation_id),
        Money(new.eligible_minor, voucher.currency),
        Money(new.requested_minor, voucher.currency),
        new.evidence,
        policy,
        context.now,
    )
    deposit = await context.session.get(DepositRow, voucher.id)
    refuse_before_deposit(deposit.state if deposit else None)
    if policy.providers is not None and payee.kind == PayeeKind.PROVIDER:
        await _check_ordered(context, payee, new.draft_id)
    await check_independent(context, voucher, payee)
    await keep_related_off(context, voucher, payee)
    invoices = issued_in(new.evidence)
    await keep_related_issuers_off(context, voucher, [(one.issuer_hash, one.field) for one in invoices])
    check_providers(await provider_changes(context, voucher.id), invoices)
    await _check_unused(context, voucher.organisation_id, new.evidence)
    await _check_invoices(context, voucher.organisation_id, new.evidence)
    if await count_undecided(context, voucher.organisation_id) >= most_open:
        raise Conflict("too-many-claims", "Your organisation has {most} claims that are not decided yet.", most=most_open)
    check_by = policy.capped_deadline(policy.claims.check_within, context.now)
    claim = ClaimRow(
        id=new_id(), voucher_id=voucher.id, organisation_id=voucher.organisation_id, region=voucher.region, call_id=voucher.call_id,
        payee_id=payee.id, state=ClaimState.LODGED, eligible_minor=new.eligible_minor, requested_minor=new.requested_minor,
        value_minor=voucher.value_minor, lodged_at=context.now, check_by=check_by, draft_id=new.draft_id, before_minor=new.before_minor,
        remainder_minor=new.remainder_minor, replaces=new.replaces.id if new.replaces else None,
    )  # fmt: skip
    voucher.claimed_minor += new.requested_minor
    context.session.add(claim)
    await context.session.flush()
    context.session.add_all(_evidence(claim, new.evidence))
    lodged = ClaimLodged(
        **voucher_fields(voucher), claim_id=claim.id, eligible_minor=new.eligible_minor, requested_minor=new.requested_minor,
        currency=voucher.currency, check_by=check_by,
    )  # fmt: skip
    publish_voucher_event(context, voucher, lodged, "claim-lodged")
    return claim


async def _check_ordered(context: Context, payee: PayeeRow, draft_id: UUID | None) -> None:
    """`Refused` 'provider-not-ordered': where the policy has a catalogue, a provider is paid for an order that it delivered."""
    order = None if draft_id is None else await order_of_draft(context, draft_id)
    if order is None or order.provider_organisation_id != payee.organisation_id:
        raise Refused(
            "provider-not-ordered", "Providers of this scheme are paid for what was ordered from the catalogue. Place an order first.",
            field="payee_id",
        )  # fmt: skip


async def facts_of(context: Context, voucher: VoucherRow, replaces: ClaimRow | None = None) -> ClaimedVoucher:
    """What decides whether a claim may be lodged on the voucher."""
    opens_at = (await context.session.get_one(EnvelopeRow, voucher.call_id)).opens_at
    return ClaimedVoucher(
        state=voucher.state,
        region=voucher.region,
        organisation_id=voucher.organisation_id,
        payment_mode=voucher.payment_mode or "",
        suspended=voucher.suspended,
        closure_reason=voucher.closure_reason,
        claim_window_until=voucher.claim_window_until,
        ordered_before_restore=await count_unmatched(context, voucher) > 0,
        unclaimed=Money(voucher.value_minor - voucher.claimed_minor, voucher.currency),
        opens_at=opens_at,
        earlier=await earlier_claims(context, voucher),
        window=window_of(context.policies.get(voucher.policy_id), dates_of(voucher, opens_at)),
        live_claims=await _count_live(context, voucher),
        correct_by=replaces.correct_by if replaces else None,
        intensity_bp=granted_rate(context.policies.get(voucher.policy_id), voucher.terms),
        valid_until=voucher.valid_until,
    )


async def _count_live(context: Context, voucher: VoucherRow) -> int:
    live = (
        col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.kind) == ClaimKind.EXPENDITURE, col(ClaimRow.state).not_in(UNCOUNTED)
    )  # fmt: skip
    return await context.session.scalar(select(func.count()).select_from(ClaimRow).where(*live)) or 0


async def _check_unused(context: Context, organisation_id: UUID, evidence: Sequence[Evidence]) -> None:
    """By the same organisation; of another's an officer decides. A partial unique index holds this when two claims come at once; this check
    gives the reason."""
    hashes = [document.sha256 for document in evidence]
    own = (col(EvidenceRow.live), col(EvidenceRow.organisation_id) == organisation_id, col(EvidenceRow.sha256).in_(hashes))
    used = await context.session.scalar(select(col(EvidenceRow.sha256)).where(*own).limit(1))
    if used:
        raise Conflict("evidence-used", "One of the documents was claimed on already.", field=f"evidence.{hashes.index(used)}.sha256")


async def _check_invoices(context: Context, organisation_id: UUID, evidence: Sequence[Evidence]) -> None:
    """In every voucher and region of the organisation. What looks like another's invoice is put before the officer who checks the claim."""
    invoices = invoices_of(evidence)
    await lock_invoices(context, [digest_of(context.session, "number_key", invoice.number_key) for invoice in invoices])
    query = select(EvidenceRow).where(
        col(EvidenceRow.live), col(EvidenceRow.kind) == EvidenceKind.INVOICE, col(EvidenceRow.organisation_id) == organisation_id
    )
    live = [
        Invoice(number_key(row.reference), row.amount_minor, row.issued_on, row.issuer_hash, plain_key=plain_key(row.reference))
        for row in await context.session.scalars(query)
        if row.reference
    ]
    if is_used(invoices, live):
        raise Conflict("invoice-claimed", "An invoice of this issuer with this number was claimed on already.", field="evidence")


def _evidence(claim: ClaimRow, evidence: Sequence[Evidence]) -> list[EvidenceRow]:
    return [
        EvidenceRow(
            claim_id=claim.id, number=number, organisation_id=claim.organisation_id, region=claim.region, kind=document.kind,
            reference=document.reference, sha256=document.sha256, issued_on=document.issued_on, amount_minor=document.amount_minor,
            issuer_hash=document.issuer_hash, line=document.line, file_id=document.file_id,
        )
        for number, document in enumerate(evidence, 1)
    ]  # fmt: skip
