"""An officer has checked a claim and grants it, or a part of it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.claim_lines import compute
from services.payments.domain.claims import refuse_while_suspended
from services.payments.domain.instalments import ClaimKind
from services.payments.domain.providers import Issued, check_providers
from services.payments.domain.remainders import most_due
from services.payments.locks import lock_claim
from services.payments.queries.claim_lines import as_line, lines_by_claim, value_of
from services.payments.queries.earlier_claims import earlier_claims
from services.payments.queries.providers import provider_changes
from services.payments.queries.similar_invoices import similar_lines
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.instalments import divide
from services.payments.steps.related_parties import keep_related_issuers_off, keep_related_off
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow, EvidenceRow, PayeeRow, VoucherRow
from shared.contracts.payments import ClaimAccepted
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState, EvidenceKind
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate


async def accept_claim(context: Context, claim_id: UUID, granted_minor: int | None, confirmed_lines: Iterable[int] = ()) -> ClaimRow:
    """`granted_minor` None grants all that is requested, or what the lines come to; what is not granted may be claimed again. A claim with
    lines grants nothing else, and each of its lines was looked at ('lines-unchecked'). `confirmed_lines`: the numbers of the
    documents that look like invoices of other claims, all of which the officer has looked at ('similar-invoice')."""
    voucher, claim = await lock_claim(context, claim_id)
    authorise(context.actor, Permission.CHECK_CLAIM, region=claim.region)
    await take_part(context, Duty.CHECK_CLAIM, voucher.application_id, call_id=claim.call_id)
    if claim.state != ClaimState.LODGED:
        raise Conflict("claim-already-decided", "The claim is {state}.", state=claim.state)
    refuse_while_suspended(voucher.suspended)
    granted = await _granted(context, voucher, claim, granted_minor)
    if granted > claim.requested_minor:
        raise Refused("above-request", "More cannot be granted than was asked for.", field="granted_minor")
    await _check_providers(context, voucher, claim)
    unconfirmed = sorted(set((await similar_lines(context, [claim.id]))[claim.id]) - set(confirmed_lines))
    if unconfirmed:
        raise Conflict(
            "similar-invoice",
            "Documents {lines} look like invoices of other claims: confirm that they are others, or reject the claim.",
            field="confirmed_lines",
            lines=unconfirmed,
        )
    policy = context.policies.get(voucher.policy_id)
    claim.state, claim.granted_minor = ClaimState.ACCEPTED, granted
    claim.decided_at, claim.decided_by = context.now, context.actor.id
    claim.pay_by = policy.capped_deadline(policy.claims.pay_within, context.now)
    await divide(context, voucher, claim)
    lines = (await lines_by_claim(context, [claim.id]))[claim.id]
    accepted = ClaimAccepted(
        **voucher_fields(voucher), claim_id=claim.id, granted_minor=granted, requested_minor=claim.requested_minor,
        cut_lines=[line.number for line in lines if line.cut_minor], currency=voucher.currency, pay_by=claim.pay_by,
        settled_minor=claim.settled_minor or None, retained_minor=claim.retained_minor or None, own_minor=claim.own_minor or None,
    )  # fmt: skip
    publish_voucher_event(context, voucher, accepted, "claim-in-order")
    await settle_if_run_out(context, voucher)
    return claim


async def _check_providers(context: Context, voucher: VoucherRow, claim: ClaimRow) -> None:
    """Again: a change of the provider may have been granted since the claim was lodged, or of an account by which it is related."""
    await keep_related_off(context, voucher, await context.session.get_one(PayeeRow, claim.payee_id))
    changes = await provider_changes(context, claim.voucher_id)
    query = select(EvidenceRow).where(col(EvidenceRow.claim_id) == claim.id, col(EvidenceRow.kind) == EvidenceKind.INVOICE)
    invoices = [Issued(row.issuer_hash, row.issued_on, "lines") for row in await context.session.scalars(query)]
    await keep_related_issuers_off(context, voucher, [(one.issuer_hash, one.field) for one in invoices])
    check_providers(changes, invoices)


async def _granted(context: Context, voucher: VoucherRow, claim: ClaimRow, stated_minor: int | None) -> int:
    lines = (await lines_by_claim(context, [claim.id]))[claim.id]
    accepted = await earlier_claims(context, voucher, but=claim.id, states=[ClaimState.ACCEPTED])
    policy = context.policies.get(voucher.policy_id)
    rate = granted_rate(policy, voucher.terms)
    if claim.kind != ClaimKind.EXPENDITURE:
        return claim.requested_minor if stated_minor is None else stated_minor
    if not lines:
        most = Money(most_due(Money(claim.eligible_minor, voucher.currency), accepted, rate), voucher.currency)
        if stated_minor is not None and most.minor < stated_minor <= claim.requested_minor:
            raise Refused(
                "above-intensity", "At most {most} of aid is due on this expenditure.", field="granted_minor", most=most,
                most_minor=most.minor,
            )  # fmt: skip
        return min(claim.requested_minor, most.minor) if stated_minor is None else stated_minor
    if stated_minor is not None:
        raise Refused("computed-from-lines", "What is granted follows from the lines: cut a line instead.", field="granted_minor")
    unchecked = [line.number for line in lines if line.cut_minor is None]
    if unchecked:
        raise Conflict("lines-unchecked", "Lines {lines} are not checked yet: accept or cut each of them.", field="lines", lines=unchecked)
    before, added = claim.before_minor or 0, claim.remainder_minor or 0
    sums = compute([as_line(line) for line in lines], policy, value_of(claim, voucher), before, voucher.terms, added)
    granted = min(sums.paid_minor, most_due(Money(sums.eligible_minor, voucher.currency), accepted, rate))
    if granted == 0:
        raise Refused("nothing-granted", "Nothing is left to be paid: reject the claim, or return it.", field="lines")
    return granted
