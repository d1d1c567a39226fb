"""A beneficiary orders a service of a provider in the catalogue, to be paid with its voucher."""

from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.claims import check_window
from services.payments.domain.orders import check_order_may_be_placed
from services.payments.domain.states import OrderState
from services.payments.locks import lock_voucher
from services.payments.queries.order_facts import has_live_order, has_open_draft
from services.payments.queries.provider_facts import unknown_provider
from services.payments.steps.lodging import facts_of
from services.payments.steps.orders import check_fit
from services.payments.tables import OrderRow, ProviderRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewOrder:
    """`agreed_minor`: the whole price, VAT included. `buyer`: who orders, as the provider reads it. `replaces`: an order that was
    re-routed."""

    voucher_id: UUID
    provider_id: UUID
    service: str
    agreed_minor: int
    buyer: str
    description: str
    replaces: UUID | None = None


async def place_order(context: Context, new: NewOrder) -> OrderRow:
    """Raises as `check_window`, `check_order_may_be_placed` and `check_fit`; `NotFound` 'unknown-voucher', 'provider-unknown'."""
    voucher = await lock_voucher(context, new.voucher_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=voucher.region, owner=owned_by(voucher.organisation_id))
    await take_unpublished_part(context, Duty.APPLY, voucher.application_id, call_id=voucher.call_id)
    provider = await context.session.get(ProviderRow, new.provider_id)
    if provider is None or provider.region != voucher.region:
        raise unknown_provider()
    policy = context.policies.get(voucher.policy_id)
    check_window(await facts_of(context, voucher), policy, context.now)
    left = Money(voucher.value_minor - voucher.claimed_minor, voucher.currency)
    busy, begun = await has_live_order(context, voucher.id), await has_open_draft(context, voucher.id)
    check_order_may_be_placed(voucher.payment_mode, left, busy, begun)
    await check_fit(context, voucher, provider, new.service)
    await _check_replaced(context, new)
    answer_by = policy.capped_deadline(policy.providers.answer_within, context.now) if policy.providers else None
    order = OrderRow(
        id=new_id(), voucher_id=voucher.id, call_id=voucher.call_id, region=voucher.region, organisation_id=voucher.organisation_id,
        provider_id=provider.id, provider_organisation_id=provider.organisation_id, service=new.service, agreed_minor=new.agreed_minor,
        buyer=new.buyer, description=new.description, placed_by=context.actor.id, placed_at=context.now, answer_by=answer_by,
        replaces=new.replaces,
    )  # fmt: skip
    context.session.add(order)
    await context.session.flush()
    return order


async def _check_replaced(context: Context, new: NewOrder) -> None:
    """`Conflict` 'order-not-rerouted' unless the order that this one replaces is of the voucher, and its provider left."""
    if new.replaces is None:
        return
    replaced = await context.session.get(OrderRow, new.replaces)
    if replaced is None or replaced.voucher_id != new.voucher_id or replaced.state != OrderState.REROUTED:
        raise Conflict("order-not-rerouted", "The order that is to be replaced still has its provider.", field="replaces")
