"""The beneficiary asks for an advance, before anything is bought."""

from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.claims import PayTo, check_payee
from services.payments.domain.instalments import ClaimKind, Guarantee, check_advance
from services.payments.locks import lock_voucher
from services.payments.queries.claims import count_undecided
from services.payments.queries.instalments import live_advance, second_advance
from services.payments.settings import OPEN_CLAIMS
from services.payments.steps.apart import keep_setters_off
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.lodging import facts_of
from services.payments.steps.related_parties import keep_related_off
from services.payments.tables import ClaimRow, GuaranteeRow, PayeeRow
from shared.contracts.payments import ClaimLodged
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState
from shared.messaging.acts import take_part
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class WantedAdvance:
    voucher_id: UUID
    payee_id: UUID
    requested_minor: int
    guarantee: Guarantee | None = None


async def request_advance(context: Context, wanted: WantedAdvance, most_open: int = OPEN_CLAIMS) -> ClaimRow:
    """A claim of its own kind: an officer checks it within the term of claims, and finance pays it like one.

    `Conflict` 'advance-used' for a second one, 'too-many-claims'; raises as `check_advance` and `check_payee`.
    """
    voucher = await lock_voucher(context, wanted.voucher_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    policy, currency = context.policies.get(voucher.policy_id), voucher.currency
    if await live_advance(context, voucher.id) is not None:
        raise second_advance()
    payee = await context.session.get(PayeeRow, wanted.payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    await take_part(context, Duty.APPLY, voucher.application_id, payee.id, call_id=voucher.call_id)
    await keep_setters_off(context, voucher, payee)
    await keep_related_off(context, voucher, payee)
    asked = Money(wanted.requested_minor, currency)
    facts = await facts_of(context, voucher)
    check_advance(facts, Money(voucher.value_minor, currency), asked, wanted.guarantee, policy, context.now)
    to = PayTo(payee.kind, payee.region, payee.organisation_id)
    check_payee(to, region=voucher.region, organisation_id=voucher.organisation_id, payment_mode=voucher.payment_mode or "")
    if await count_undecided(context, voucher.organisation_id) >= most_open:
        raise Conflict("too-many-claims", "Your organisation has {most} claims that are not decided yet.", most=most_open)
    claim = ClaimRow(
        id=new_id(), voucher_id=voucher.id, organisation_id=voucher.organisation_id, region=voucher.region, call_id=voucher.call_id,
        payee_id=payee.id, state=ClaimState.LODGED, kind=ClaimKind.ADVANCE, eligible_minor=asked.minor, requested_minor=asked.minor,
        value_minor=voucher.value_minor, lodged_at=context.now,
        check_by=policy.capped_deadline(policy.claims.check_within, context.now),
    )  # fmt: skip
    context.session.add(claim)
    await context.session.flush()
    if wanted.guarantee is not None:
        one = wanted.guarantee
        context.session.add(
            GuaranteeRow(claim_id=claim.id, reference=one.reference, amount_minor=one.amount_minor, valid_until=one.valid_until)
        )
    lodged = ClaimLodged(
        **voucher_fields(voucher), claim_id=claim.id, eligible_minor=asked.minor, requested_minor=asked.minor, currency=currency,
        check_by=claim.check_by,
    )  # fmt: skip
    publish_voucher_event(context, voucher, lodged, "advance-requested")
    return claim
