"""Many approvals at once: what is chosen is shown with its total and what stands out, then approved, each payment by itself."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from uuid import UUID

from starlette.responses import Response

from portal.client.payments import ApprovalsInput, DisbursementDetail, ItemInput, StandingView
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
"""Payments that the service approves at once."""


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
    """What was chosen, from the list: nothing is approved yet. After a fresh sign-in it is what stood on the page before."""
    kept = await visit.take_kept()
    chosen = [one.disbursement_id for one in _items(kept.all("item"))] if kept else _ids(visit.request.query_params.getlist("id"))
    return await _check_page(visit, chosen, Reader((), visit.language), restored=kept is not None)


async def approve(visit: Visit) -> Response:
    """One currency at a time: a total has one."""
    items, reader, total = _items(visit.form.all("item")), Reader(visit.form, visit.language), visit.form.get("total")
    expected_minor = int(total) if total.isascii() and total.isdigit() and len(total) < 17 else 0
    body = ApprovalsInput(items=items, expected_minor=expected_minor, currency=visit.form.get("currency") or "EUR")
    with reader.taking():
        results = await visit.services.payments.post_disbursement_approvals(await visit.caller(), body)
    if reader.errors:
        return await _check_page(visit, [one.disbursement_id for one in items], reader)
    found = {one.disbursement_id: one for one in await _read(visit, [one.disbursement_id for one in results.items])}
    rows = [(found[one.disbursement_id], one) for one in results.items]
    sum_ = money(results.approved_minor, results.currency, visit.language)
    return page(visit, "finance/approved.html", results=results, sum=sum_, rows=rows)


def _ids(given: Iterable[str]) -> list[UUID]:
    """Each once; what is no id was chosen on no page."""
    found = dict[UUID, None]()
    for one in given:
        with suppress(ValueError):
            found[UUID(one)] = None
    return list(found)


def _items(given: Iterable[str]) -> list[ItemInput]:
    """Of fields '<id>:<hash of what was read>'."""
    pairs = [one.partition(":") for one in given]
    return [ItemInput(disbursement_id=identity, payment_hash=read) for one, _colon, read in pairs for identity in _ids([one])]


async def _read(visit: Visit, ids: list[UUID]) -> list[DisbursementDetail]:
    caller = await visit.caller()
    return list(await asyncio.gather(*(visit.services.payments.get_disbursement(caller, one) for one in ids)))


async def _check_page(visit: Visit, ids: list[UUID], reader: Reader, *, restored: bool = False) -> Response:
    """Those of the first one's currency, as many as are approved at once. How many of what was chosen are left out, and why, the page
    says."""
    caller, services = await visit.caller(), visit.services.payments
    read = await _read(visit, ids[:MOST])
    found = [one for one in read if one.state == "prepared"]
    currency = found[0].currency if found else "EUR"
    standing = await asyncio.gather(*(services.get_disbursement_standing(caller, one.disbursement_id) for one in found))
    rows = [(one, _exceptions(visit, one, of)) for one, of in zip(found, standing, strict=True) if one.currency == currency]
    total = sum(one.amount_minor for one, _ in rows)
    return page(
        visit, "finance/approvals-check.html", status=422 if reader.errors else 200, form=reader, rows=rows, total=total,
        sum=money(total, currency, visit.language), currency=currency, others=len(found) - len(rows), root=PATH, payments=PAYMENTS,
        decided=len(read) - len(found), beyond=max(0, len(ids) - MOST), most=MOST, restored=restored,
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
