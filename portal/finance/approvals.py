"""Many approvals at once: what is chosen is shown with its total and what stands out, then approved, each payment by itself."""

import asyncio
from functools import partial

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import ApprovalsInput, DisbursementDetail, ItemInput, StandingView
from portal.finance.acts import REFUSALS
from portal.finance.parts import PAYMENTS, payment_columns
from portal.finance.words import closed_because
from portal.kit.formats import money
from portal.kit.lists import Listing, listed, region_filter
from portal.kit.pages import page
from portal.kit.reader import Reader
from portal.kit.regions import zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/finance/approvals"
MOST = 100


async def to_approve(visit: Visit) -> Response:
    listing = Listing(
        name="payments-to-approve",
        title=text(visit.language, "Payments to approve"),
        columns=payment_columns(visit, await visit.regions()),
        ask=partial(visit.services.payments.list_disbursements, await visit.caller(), state="prepared"),
        empty=text(visit.language, "Nothing waits for an approval. Prepare the payments of accepted claims first."),
        filters=[await region_filter(visit, "finance")],
        sort="prepared_at",
    )
    return await listed(visit, listing, "finance/approvals.html")


async def check(visit: Visit) -> Response:
    """What was chosen, from the list: nothing is approved yet."""
    chosen = visit.request.query_params.getlist("id")[:MOST]
    return await _check_page(visit, chosen, Reader((), visit.language))


async def approve(visit: Visit) -> Response:
    """One currency at a time: a total has one."""
    pairs = [value.split(":") for name, value in visit.form if name == "item"]
    items = [ItemInput(disbursement_id=one[0], payment_hash=one[1]) for one in pairs if len(one) == 2]
    reader, total = Reader(visit.form, visit.language), visit.form.get("total") or "0"
    body = ApprovalsInput(items=items, expected_minor=int(total) if total.isdigit() else 0, currency=visit.form.get("currency") or "EUR")
    try:
        results = await visit.services.payments.post_disbursement_approvals(await visit.caller(), body)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        return await _check_page(visit, [one[0] for one in pairs], reader)
    found = {str(one.disbursement_id): one for one in await _read(visit, [str(one.disbursement_id) for one in results.items])}
    rows = [(found[str(one.disbursement_id)], one) for one in results.items if str(one.disbursement_id) in found]
    sum_ = money(results.approved_minor, results.currency, visit.language)
    return page(visit, "finance/approved.html", results=results, sum=sum_, rows=rows)


async def _read(visit: Visit, ids: list[str]) -> list[DisbursementDetail]:
    caller = await visit.caller()
    return list(await asyncio.gather(*(visit.services.payments.get_disbursement(caller, one) for one in ids)))


async def _check_page(visit: Visit, ids: list[str], reader: Reader) -> Response:
    """Those of the first one's currency; the others are for another time, and the page says so."""
    caller, services = await visit.caller(), visit.services.payments
    found = [one for one in await _read(visit, ids) if one.state == "prepared"]
    currency = found[0].currency if found else "EUR"
    standing = await asyncio.gather(*(services.get_disbursement_standing(caller, one.disbursement_id) for one in found))
    rows = [(one, _exceptions(visit, one, of)) for one, of in zip(found, standing, strict=True) if one.currency == currency]
    total = sum(one.amount_minor for one, _ in rows)
    return page(
        visit, "finance/approvals-check.html", status=422 if reader.errors else 200, form=reader, rows=rows, total=total,
        sum=money(total, currency, visit.language), currency=currency, others=len(found) - len(rows), root=PATH, payments=PAYMENTS,
        zone=zone_of(await visit.regions(), found[0].region if found else None),
    )  # fmt: skip


def _exceptions(visit: Visit, one: DisbursementDetail, standing: StandingView) -> list[str]:
    """What a person should look at before approving."""
    language, said = visit.language, list[str]()
    if "approve" in standing.closed:
        said.append(text(language, "You cannot approve it: %(why)s.") % {"why": closed_because(standing.closed["approve"], language)})
    if one.waits_for == "bank-line-open":
        said.append(text(language, "A line of the bank about it is open."))
    if one.attempt > 1:
        said.append(text(language, "It is attempt %(number)s.") % {"number": one.attempt})
    if one.approvals_needed > 1:
        said.append(text(language, "It needs %(number)s approvals.") % {"number": one.approvals_needed})
    return said


ROUTES = [staff(PATH, to_approve, live=to_approve), staff(PATH + "/check", check, approve)]
