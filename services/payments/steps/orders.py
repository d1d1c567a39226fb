"""Orders: the locked row for one of its two sides, whether provider and beneficiary are still fit for one another, and re-routing."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.accounts import payee_id_of
from services.payments.domain.catalogue import check_listed
from services.payments.domain.states import LIVE_ORDERS, UNDELIVERED, OrderState, PayeeKind
from services.payments.locks import lock_row, lock_voucher
from services.payments.queries.order_facts import order_of_draft, unknown_order
from services.payments.queries.provider_facts import entry_of, today_in
from services.payments.steps.apart import keep_setters_off
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.parties import refuse_related_provider
from services.payments.tables import OrderRow, PayeeRow, ProviderRow, VoucherRow
from shared.contracts.payments import OrderRerouted
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict, Refused
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased, subject_erased


async def lock_order_of_provider(context: Context, order_id: UUID) -> tuple[OrderRow, VoucherRow]:
    """For a step of the provider, which takes its part in the case. `NotFound` 'unknown-order'; `Forbidden`."""
    order, voucher = await _lock(context, order_id)
    authorise(context.actor, Permission.SERVE_ORDER, region=order.region, owner=owned_by(order.provider_organisation_id))
    await take_unpublished_part(context, Duty.PROVIDE, voucher.application_id, order.provider_id, call_id=order.call_id)
    return order, voucher


async def lock_order_of_beneficiary(context: Context, order_id: UUID) -> tuple[OrderRow, VoucherRow]:
    """For a step of the beneficiary. `NotFound` 'unknown-order'; `Forbidden`."""
    order, voucher = await _lock(context, order_id)
    authorise(context.actor, Permission.LODGE_CLAIM, region=order.region, owner=owned_by(order.organisation_id))
    await take_unpublished_part(context, Duty.APPLY, voucher.application_id, call_id=order.call_id)
    return order, voucher


async def check_fit(context: Context, voucher: VoucherRow, provider: ProviderRow, service: str) -> PayeeRow:
    """The payee that the provider is. `Refused` unless the provider stands in the catalogue for the service today, has an account, and is
    not related to the beneficiary; `Forbidden` 'account-of-applicant'. Asked when it is chosen, when it accepts, and when it redeems."""
    today = today_in(context, provider.region)
    if is_erased(provider):
        raise subject_erased()
    check_listed(entry_of(provider), service, today)
    await refuse_related_provider(context, voucher, provider)
    payee_id = payee_id_of(provider.region, PayeeKind.PROVIDER, provider.organisation_id)
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None or payee.account_version == 0:
        raise Refused(
            "provider-without-account", "This provider has no confirmed account yet, so it cannot be paid. Choose another one, or wait.",
            field="provider_id",
        )  # fmt: skip
    await keep_setters_off(context, voucher, payee)
    return payee


async def check_confirmed(context: Context, draft_id: UUID) -> None:
    """`Conflict` 'delivery-unconfirmed': a claim with the invoices of an order is lodged once the delivery is confirmed."""
    order = await order_of_draft(context, draft_id)
    if order is not None and order.state != OrderState.CONFIRMED:
        raise Conflict("delivery-unconfirmed", "Confirm the delivery first: the claim follows from it.")


async def end_orders(context: Context, voucher: VoucherRow) -> None:
    """Of a voucher on which no claim is taken any more. The caller holds the lock on the voucher."""
    row = OrderRow
    query = select(row).where(col(row.voucher_id) == voucher.id, col(row.state).in_(LIVE_ORDERS)).order_by(col(row.id)).with_for_update()
    for order in await context.session.scalars(query):
        order.state, order.ended_at = OrderState.CANCELLED, context.now


async def reroute_orders(context: Context, provider: ProviderRow, reason: str | None = None) -> None:
    """What the provider has not delivered goes back to the beneficiaries, who choose another provider on the same terms; both sides get to
    know by mail. `reason`: a code; without it the state of the registration says why."""
    row = OrderRow
    query = select(row).where(col(row.provider_id) == provider.id, col(row.state).in_(UNDELIVERED)).order_by(col(row.id)).with_for_update()
    for order in list(await context.session.scalars(query)):
        order.state, order.ended_at = OrderState.REROUTED, context.now
        voucher = await context.session.get_one(VoucherRow, order.voucher_id)
        rerouted = OrderRerouted(
            **voucher_fields(voucher), order_id=order.id, provider_id=provider.id, provider_organisation_id=provider.organisation_id
        )
        publish_voucher_event(context, voucher, rerouted, reason or f"provider-{provider.state}")


async def _lock(context: Context, order_id: UUID) -> tuple[OrderRow, VoucherRow]:
    """The voucher first, as everywhere."""
    voucher_id = await context.session.scalar(select(col(OrderRow.voucher_id)).where(col(OrderRow.id) == order_id))
    if voucher_id is None:
        raise unknown_order()
    voucher = await lock_voucher(context, voucher_id)
    order = await lock_row(context, OrderRow, col(OrderRow.id) == order_id)
    assert order is not None, "an order stays"
    return order, voucher
