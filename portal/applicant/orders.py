"""Orders with a voucher that is paid to providers: a provider is chosen from the catalogue; its delivery is confirmed, or objected to."""

from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.applicant.vouchers import MOST, voucher_of
from portal.client.base import ApiProblem
from portal.client.payments import CatalogueEntryView, ConfirmationInput, OrderInput, OrderReasonInput, OrderView
from portal.client.vouchers import VoucherDetail
from portal.kit.formats import amount
from portal.kit.lists import every
from portal.kit.order import by_name
from portal.kit.orders import COLOURS, ENDED, for_beneficiary, states
from portal.kit.pages import go, page
from portal.kit.providers import services
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.kit.vouchers import title_of
from shared.kernel.ids import new_id

REFUSALS = (403, 409, 422)
PROVIDER_NEEDED = _("Choose a provider")
SERVICE_NEEDED = _("Choose the service that you order")
PRICE_NEEDED = _("Enter the price that you agreed, for example 2,500")
WORDS_NEEDED = _("Say in a few sentences what is to be delivered, and until when")
BUYER_NEEDED = _("Enter the name of your firm, and whom the provider can ask")
INDEPENDENT_NEEDED = _("Confirm that the provider is independent of you. Otherwise choose another one")
REASON_NEEDED = _("Say what is wrong. The provider reads it")
VAT_NEEDED = _("Say whether you get the VAT back from the tax office")


async def orders(visit: Visit) -> Response:
    """Those of the voucher, and the form for one, where none runs. `replaces` in the query: an order whose provider left."""
    kept = await visit.take_kept()
    return await _list(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def order(visit: Visit) -> Response:
    voucher, reader = await voucher_of(visit), Reader(visit.form, visit.language)
    body = _read(reader, voucher)
    if not reader.errors:
        try:
            key = reader.typed.get("key") or str(new_id())
            made = await visit.services.payments.post_order(await visit.caller(), OrderInput.model_validate(body), key)
        except ValueError:  # an id that no list has offered
            reader.errors["provider_id"] = text(visit.language, PROVIDER_NEEDED)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
            if problem.status == 403:
                reader.errors = {FORM: problem.detail}
        else:
            return go(f"/orders/{made.order_id}?done=placed")
    return await _list(visit, reader)


def _read(reader: Reader, voucher: VoucherDetail) -> dict[str, Any]:
    body: dict[str, Any] = {
        "voucher_id": voucher.id,
        "provider_id": reader.line("provider_id", PROVIDER_NEEDED),
        "service": reader.line("service", SERVICE_NEEDED),
        "agreed_minor": reader.amount("agreed", voucher.currency, PRICE_NEEDED),
        "description": reader.line("description", WORDS_NEEDED),
        "buyer": reader.line("buyer", BUYER_NEEDED),
        "replaces": reader.typed.get("replaces") or None,
    }
    if reader.typed.get("independent") != "yes":
        reader.errors["independent"] = text(reader.language, INDEPENDENT_NEEDED)
    if body["service"] and body["service"] not in services(reader.language):
        reader.errors["service"] = text(reader.language, SERVICE_NEEDED)
    return body


async def _list(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    voucher, caller, payments, language = await voucher_of(visit), await visit.caller(), visit.services.payments, visit.language
    found = (await payments.list_orders(caller, voucher_id=voucher.id, limit=MOST)).items
    running = next((one for one in found if one.state not in ENDED), None)
    offered: list[CatalogueEntryView] = []
    if running is None:
        offered = await every(partial(payments.list_catalogue, visit.anybody), region=voucher.region)
        if not reader.typed:
            reader.typed |= await _known(visit, found)
        reader.typed.setdefault("key", str(new_id()))
    return page(
        visit, "applicant/orders.html", status=422 if reader.errors else 200, voucher=voucher, name=await title_of(visit, voucher),
        found=found, running=running, offered=by_name(offered, lambda one: one.name, language), form=reader, restored=restored,
        kinds=services(language), states=states(language), colours=COLOURS, zone=voucher.zone,
    )  # fmt: skip


async def _known(visit: Visit, found: list[OrderView]) -> dict[str, str]:
    """What was agreed with a provider that left, else the name of the firm."""
    wanted = visit.request.query_params.get("replaces", "")
    left = next((one for one in found if str(one.order_id) == wanted and one.state == "rerouted"), None)
    if left is not None:
        price = amount(left.agreed_minor, left.currency, visit.language)
        return {
            "service": left.service, "agreed": price, "description": left.description or "", "buyer": left.buyer or "",
            "replaces": str(left.order_id),
        }  # fmt: skip
    me = await visit.services.people.get_me(await visit.caller())
    return {"buyer": next((one.name or "" for one in me.organisations if one.id == visit.person.organisation), "")}


async def show(visit: Visit) -> Response:
    return await _page(visit, Reader(await visit.take_kept() or (), visit.language))


async def decide(visit: Visit) -> Response:
    """Confirms the delivery, or objects. What was typed comes back where it is refused."""
    reader, payments, caller = Reader(visit.form, visit.language), visit.services.payments, await visit.caller()
    decision = reader.typed.get("decision")
    if decision == "confirm":
        vat = reader.yes("vat_recoverable", VAT_NEEDED)
    elif decision == "object":
        reason = reader.line("reason", REASON_NEEDED)
    else:
        reader.errors["decision"] = text(visit.language, _("Choose whether you confirm the delivery"))
    if reader.errors:
        return await _page(visit, reader)
    try:
        if decision == "confirm":
            await payments.post_order_confirmation(caller, _id(visit), ConfirmationInput(vat_recoverable=vat))
        else:
            await payments.post_order_objection(caller, _id(visit), OrderReasonInput(reason=reason))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors[FORM] = problem.detail
        return await _page(visit, reader)
    return go(f"/orders/{_id(visit)}?done={decision}")


async def _page(visit: Visit, reader: Reader) -> Response:
    caller, payments, language = await visit.caller(), visit.services.payments, visit.language
    one = await payments.get_order(caller, _id(visit))
    await visit.at(one.region)
    zone = (await visit.region(one.region)).zone
    draft = await payments.get_claim_draft(caller, one.draft_id) if one.draft_id and one.state == "invoiced" else None
    return page(
        visit, "applicant/order.html", status=422 if reader.errors else 200, one=one, draft=draft, form=reader, zone=zone,
        said=for_beneficiary(one, zone, language), kinds=services(language), states=states(language), colours=COLOURS,
    )  # fmt: skip


async def ask_to_cancel(visit: Visit) -> Response:
    return await _cancellation(visit, Reader((), visit.language))


async def cancel(visit: Visit) -> Response:
    try:
        one = await visit.services.payments.post_order_cancellation(await visit.caller(), _id(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader = Reader((), visit.language)
        reader.errors[FORM] = problem.detail
        return await _cancellation(visit, reader)
    return go(f"/vouchers/{one.voucher_id}/orders?done=cancelled")


async def _cancellation(visit: Visit, reader: Reader) -> Response:
    language, found = visit.language, await visit.services.payments.get_order(await visit.caller(), _id(visit))
    await visit.at(found.region)
    follows = [
        text(language, "The provider delivers nothing and is paid nothing. This cannot be undone."),
        text(language, "The voucher is free for another order, with this provider or another one."),
    ]
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, title=text(language, "Cancel the order"), follows=follows,
        button=text(language, "Cancel it"), back=f"/orders/{_id(visit)}", form=reader, restored=False, ask_reason=False, hidden={},
    )  # fmt: skip


def _id(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["order_id"]))


ROUTES = [
    personal("/vouchers/{voucher_id:uuid}/orders", orders, order),
    personal("/orders/{order_id:uuid}", show, decide),
    personal("/orders/{order_id:uuid}/cancellation", ask_to_cancel, cancel),
]
