"""Orders of a provider: accepted or declined, redeemed by the code of the voucher, invoiced."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import ClaimDraftView, OrderReasonInput, OrderView, RedemptionInput
from portal.kit.lists import every
from portal.kit.orders import COLOURS, ENDED, for_provider, states
from portal.kit.pages import go, page
from portal.kit.providers import services
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit

REFUSALS = (409, 422)
REASON_NEEDED = _("Say why you decline it. The beneficiary reads it")
CODE_NEEDED = _("Enter the code of the voucher, for example KOP-7F3K-92QM-0")
ANSWER_NEEDED = _("Choose whether you accept it")


async def show(visit: Visit) -> Response:
    """`code` in the query: from the QR code of the voucher."""
    reader = Reader(await visit.take_kept() or (), visit.language)
    reader.typed.setdefault("code", visit.request.query_params.get("code", ""))
    return await _page(visit, reader)


async def act(visit: Visit) -> Response:
    """The step that the form names. What was typed comes back where it is refused."""
    reader, payments, step = Reader(visit.form, visit.language), visit.services.payments, visit.form.get("step")
    order = str(visit.request.path_params["order_id"])
    route: Any = None
    body: list[Any] = []
    if step == "answer" and reader.typed.get("answer") == "accept":
        route = payments.post_order_acceptance
    elif step == "answer" and reader.typed.get("answer") == "decline":
        route, reason = payments.post_order_refusal, reader.line("reason", REASON_NEEDED)
        body = [OrderReasonInput(reason=reason)]
    elif step == "redeem":
        route, code = payments.post_order_redemption, reader.line("code", CODE_NEEDED)
        body = [RedemptionInput(code=code)]
    elif step == "invoice":
        route = payments.post_order_invoice
    else:
        reader.errors["answer"] = text(visit.language, ANSWER_NEEDED)
    if reader.errors:
        return await _page(visit, reader)
    try:
        await route(await visit.caller(), order, *body)
    except ApiProblem as problem:
        if problem.status not in (403, *REFUSALS):
            raise
        reader.refuse(problem)
        if problem.status == 403:
            reader.errors = {FORM: problem.detail}
        return await _page(visit, reader)
    return go(f"/provider/orders/{order}?done={reader.typed.get('answer', step)}")


async def redeem(visit: Visit) -> Response:
    """Where the QR code of a voucher leads: to the one order that can be redeemed, or to those among which the provider chooses."""
    code = visit.request.query_params.get("code", "")
    found = await orders_of(visit, state="accepted")
    if len(found) == 1:
        return go(f"/provider/orders/{found[0].order_id}?{urlencode({'code': code})}")
    return page(visit, "provider/redeem.html", orders=found, code=code, kinds=services(visit.language))


async def orders_of(visit: Visit, **state: str) -> list[OrderView]:
    """Those that the organisation is to serve, the newest first: an old one may still wait."""
    organisation = visit.person.organisation
    if organisation is None:
        return []
    return await every(partial(visit.services.payments.list_orders, await visit.caller()), provider_organisation_id=organisation, **state)


def waiting(found: list[OrderView]) -> list[OrderView]:
    """Those in which the next step is the provider's."""
    return [one for one in found if one.state in ("placed", "accepted", "redeemed")]


async def _page(visit: Visit, reader: Reader) -> Response:
    caller, payments, language = await visit.caller(), visit.services.payments, visit.language
    one = await payments.get_order(caller, str(visit.request.path_params["order_id"]))
    await visit.at(one.region)
    zone = (await visit.region(one.region)).zone
    draft: ClaimDraftView | None = None
    if one.draft_id and one.state in ("redeemed", "invoiced"):
        draft = await payments.get_claim_draft(caller, one.draft_id)
    return page(
        visit, "provider/order.html", status=422 if reader.errors else 200, one=one, draft=draft, form=reader, zone=zone,
        said=for_provider(one, zone, language), kinds=services(language), states=states(language), colours=COLOURS, ended=ENDED,
    )  # fmt: skip


ROUTES = [personal("/provider/orders/{order_id:uuid}", show, act), personal("/redeem", redeem)]
