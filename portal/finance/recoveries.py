"""Recoveries: paid money that is asked back, settled by a credit, or written off."""

from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import Reason, RecoveryInput, RecoveryView, SettlementInput
from portal.finance import words
from portal.finance.acts import REFUSALS, Act, act, part
from portal.kit.formats import money
from portal.kit.forms import Form
from portal.kit.lists import LARGEST, Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import region_name, region_names, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/finance/recoveries"
COLOURS = {"ordered": "yellow", "settled": "green", "written-off": "grey"}


def states(language: str) -> dict[str, str]:
    return {"ordered": text(language, "Asked back"), "settled": text(language, "Settled"), "written-off": text(language, "Written off")}


async def recoveries(visit: Visit) -> Response:
    language, regions, names = visit.language, await visit.regions(), states(visit.language)
    listing: Listing[RecoveryView] = Listing(
        name="recoveries",
        title=text(language, "Recoveries"),
        columns=[
            Column("reference", text(language, "Reference"), lambda one: Cell(one.reference, f"{PATH}/{one.recovery_id}")),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("state", text(language, "State"), lambda one: Cell(names[one.state], colour=COLOURS[one.state], value=one.state)),
            Column("amount", text(language, "Amount"), lambda one: amount(one.amount_minor, one.currency, language), number=True),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
            Column("ordered_at", text(language, "Ordered"), lambda one: instant(
                one.ordered_at, zone_of(regions, one.region), language), "ordered_at"),
        ],
        ask=partial(visit.services.payments.list_recoveries, await visit.caller()),
        empty=text(language, "Nothing is asked back. Order a recovery when paid money has to come back."),
        filters=[Filter("state", text(language, "State"), names), await region_filter(visit, "finance")],
        sort="-ordered_at",
    )  # fmt: skip
    return await listed(visit, listing, "finance/recoveries.html")


async def _found(visit: Visit) -> RecoveryView:
    """`ApiProblem` 404 where it is none of the person's regions."""
    caller, cursor, wanted = await visit.caller(), None, str(visit.request.path_params["recovery_id"])
    while True:
        known = await visit.services.payments.list_recoveries(caller, limit=LARGEST, cursor=cursor)
        for one in known.items:
            if str(one.recovery_id) == wanted:
                await visit.at(one.region)
                return one
        if known.next is None:
            raise ApiProblem(404, {"code": "unknown-recovery"})
        cursor = known.next


async def recovery(visit: Visit) -> Response:
    found, language = await _found(visit), visit.language
    known = words.reasons_of_recoveries(language) | words.reasons_of_write_offs(language) | _closings(language)
    names = await named(visit, [found.ordered_by])
    return page(
        visit, "finance/recovery.html", recovery=found, zone=zone_of(await visit.regions(), found.region), who=names.by,
        sum=money(found.amount_minor, found.currency, language), state=Cell(states(language)[found.state], colour=COLOURS[found.state]),
        region=(await region_names(visit, "finance")).get(found.region, found.region), reasons=known,
        own=found.ordered_by == str(visit.person.person_id),
    )  # fmt: skip


def _closings(language: str) -> dict[str, str]:
    return {
        "returned-by-bank": text(language, "The bank returned the payment"),
        "credit-matched": text(language, "A credit that names it came in"),
        "credit-named": text(language, "A second person named the credit"),
        "voucher-revoked": text(language, "The voucher was revoked"),
    }


async def ask_order(visit: Visit) -> Response:
    typed = await visit.take_kept() or Form(tuple(visit.request.query_params.multi_items()))
    return await _order_page(visit, Reader(typed, visit.language))


async def order(visit: Visit) -> Response:
    """`voucher_id`: from the page of a payment, or typed: the code or the id of a voucher."""
    reader, language = Reader(visit.form, visit.language), visit.language
    voucher = reader.line("voucher_id", text(language, "Enter the code of the voucher, or its id"))
    reason = reader.line("reason", text(language, "Choose a reason"))
    if not reader.errors:
        try:
            found = await visit.services.payments.get_voucher(await visit.caller(), await _voucher_id(visit, voucher))
            minor = reader.amount("amount", found.currency, text(language, "Enter the amount, for example 1,250.00"))
            if not reader.errors:
                body = RecoveryInput(voucher_id=found.voucher_id, amount_minor=minor, reason=reason)
                made = await visit.services.payments.post_recovery(await visit.caller(), body)
                return go(f"{PATH}/{made.recovery_id}?done=ordered")
        except ApiProblem as problem:
            if problem.status not in (404, *REFUSALS):
                raise
            if problem.status == 404:
                reader.errors["voucher_id"] = text(
                    language, "No voucher of your regions has this code. Copy it from the page of a payment."
                )
            else:
                reader.refuse(problem)
    return await _order_page(visit, reader)


async def _voucher_id(visit: Visit, typed: str) -> UUID:
    """Raises `ApiProblem` for what is neither an id nor the code of a voucher."""
    try:
        return UUID(typed)
    except ValueError:
        code = "".join(letter for letter in typed if letter.isalnum() or letter == "-") or "-"
        return (await visit.services.vouchers.get_voucher_by_code(await visit.caller(), code)).id


async def _order_page(visit: Visit, reader: Reader) -> Response:
    return page(
        visit, "finance/recovery-order.html", status=422 if reader.errors else 200, form=reader, root=PATH,
        reasons=words.reasons_of_recoveries(visit.language),
    )  # fmt: skip


async def settlement(visit: Visit) -> Act:
    found, language, services = await _found(visit), visit.language, visit.services.payments
    sum_, here = money(found.amount_minor, found.currency, language), f"{PATH}/{found.recovery_id}"
    return Act(
        title=text(language, "Settle the recovery of %(sum)s") % {"sum": sum_},
        follows=[
            text(language, "The money has come back. %(sum)s are available in the envelope again.") % {"sum": sum_}, _second(language),
        ],
        button=text(language, "Settle it"),
        read=lambda reader: reader.line("bank_reference", text(language, "Enter the bank's reference of the credit")),
        step=lambda caller, given: services.post_recovery_settlement(caller, _id(visit), SettlementInput(bank_reference=given)),
        back=here, done=f"{here}?done=settled", template="finance/settlement.html",
    )  # fmt: skip


async def write_off(visit: Visit) -> Act:
    found, language, services = await _found(visit), visit.language, visit.services.payments
    sum_, here = money(found.amount_minor, found.currency, language), f"{PATH}/{found.recovery_id}"
    return Act(
        title=text(language, "Write off the recovery of %(sum)s") % {"sum": sum_},
        follows=[text(language, "You decide that the money will not come back. Nothing is available again."), _second(language)],
        button=text(language, "Write it off"),
        step=lambda caller, given: services.post_recovery_write_off(caller, _id(visit), Reason(reason=given)),
        back=here, done=f"{here}?done=written-off", reasons=words.reasons_of_write_offs(language),
    )  # fmt: skip


def _second(language: str) -> str:
    return text(language, "It is for another person than who ordered it. This cannot be undone.")


_id = part("recovery_id")
RECOVERY = PATH + "/{recovery_id:uuid}"
ROUTES = [
    staff(PATH, recoveries, live=recoveries),
    staff(PATH + "/new", ask_order, order),
    staff(RECOVERY, recovery, live=recovery),
    act(RECOVERY + "/settlement", settlement),
    act(RECOVERY + "/write-off", write_off),
]
