"""An example of each route of the catalogue of providers."""

from typing import Any
from uuid import UUID

from services.payments.commands.suspend_provider import suspend_provider
from services.payments.tables import OrderRow, ProviderRow
from shared.identity.actor import OPERATOR
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from tests.support.payments import Payments, Voucher
from tests.support.providers import Providers, oib, registration_body
from tests.support.routes import Example, Route

ROOT = "/api/payments"
ONE = f"{ROOT}/provider-registrations/{{provider_id}}"


async def provider_examples(payments: Payments) -> dict[Route, Example]:
    here, reason = {"region": payments.region}, {"reason": "test"}

    async def one(step: str, **request: Any) -> Example:
        """A registration of its own, after this step."""
        providers = Providers(payments)
        values: dict[str, Any] = {"tax_number": oib(new_id().int), "region": payments.region}
        row = await getattr(providers, step)(**values)
        if request.pop("suspended", False):
            await payments.run(suspend_provider, providers.officer(), row.id, "test")
        return Example(region=payments.region, organisation=providers.organisation_id, path={"provider_id": row.id}, **request)

    applied, approval = registration_body(tax_number=oib(new_id().int), **here), {"services": ["design"], "since": "2026-03-01"}
    account = {"name": "Studio", "account": {"iban": payments.account_of(new_id())}}
    return {
        ("POST", f"{ROOT}/provider-registrations"): Example(region=payments.region, organisation=new_id(), owned=False, json=applied),
        ("GET", f"{ROOT}/provider-registrations"): Example(region=payments.region, query=here, organisation=new_id(), owned=False),
        ("GET", ONE): await one("applied"),
        ("POST", f"{ONE}/check"): await one("applied"),
        ("POST", f"{ONE}/approval"): await one("checked", json=approval),
        ("POST", f"{ONE}/refusal"): await one("checked", json=reason),
        ("POST", f"{ONE}/suspension"): await one("approved", json=reason),
        ("POST", f"{ONE}/resumption"): await one("approved", json=reason, suspended=True),
        ("POST", f"{ONE}/withdrawal"): await one("applied"),
        ("PUT", f"{ONE}/account"): await one("approved", json=account),
        **await order_examples(payments),
    }


async def order_examples(payments: Payments) -> dict[Route, Example]:
    """Orders with a voucher that is paid to the beneficiary, so placing one is refused by its rule; the others are kept as rows."""
    voucher, providers = await payments.issued(await payments.open_call(1_000_000), 50_000), Providers(payments)
    provider = await providers.approved(tax_number=oib(new_id().int), region=payments.region)
    reason, ids = {"reason": "test"}, [await _kept(payments, voucher, provider) for _ in range(8)]

    def of(number: int, side: UUID, **request: Any) -> Example:
        actor = "seller-1" if side == seller else ""  # who acted for the one side does not act for the other
        return Example(region=payments.region, organisation=side, path={"order_id": ids[number]}, actor=actor, **request)

    buyer, seller, order = voucher.organisation_id, providers.organisation_id, f"{ROOT}/orders/{{order_id}}"
    new = {"voucher_id": str(voucher.id), "provider_id": str(provider.id), "service": "design", "agreed_minor": 1, "buyer": "Studio"}
    body, key = {**new, "description": "A corporate design"}, {"Idempotency-Key": "guard-order"}
    return {
        ("POST", f"{ROOT}/orders"): Example(region=payments.region, organisation=buyer, json=body, headers=key),
        ("GET", f"{ROOT}/orders"): Example(region=payments.region, query={"region": payments.region}, organisation=buyer, owned=False),
        ("GET", order): of(0, buyer),
        ("POST", f"{order}/acceptance"): of(1, seller),
        ("POST", f"{order}/refusal"): of(2, seller, json=reason),
        ("POST", f"{order}/cancellation"): of(3, buyer),
        ("POST", f"{order}/redemption"): of(4, seller, json={"code": "KOP-7F3K-92QM-0"}),
        ("POST", f"{order}/invoice"): of(5, seller),
        ("POST", f"{order}/objection"): of(6, buyer, json=reason),
        ("POST", f"{order}/confirmation"): of(7, buyer, json={"vat_recoverable": False}),
    }


async def _kept(payments: Payments, voucher: Voucher, provider: ProviderRow) -> UUID:
    """An order that was cancelled: any number of them can be of one voucher."""

    async def keep(context: Context) -> UUID:
        order = OrderRow(
            id=new_id(), voucher_id=voucher.id, call_id=voucher.call_id, region=voucher.region, organisation_id=voucher.organisation_id,
            provider_id=provider.id, provider_organisation_id=provider.organisation_id, service="design", agreed_minor=1, buyer="Studio",
            description="test", state="cancelled", placed_by="applicant-1", placed_at=context.now,
        )  # fmt: skip
        context.session.add(order)
        return order.id

    return await payments.run(keep, OPERATOR)
