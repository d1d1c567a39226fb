"""A voucher of the person's organisation: the offer, then its code, what is left, until when; and how it is given up."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from markupsafe import Markup
from starlette.responses import Response, StreamingResponse

from portal.applicant.units import units_page
from portal.client.base import ApiProblem
from portal.client.payments import PayeeView
from portal.client.payments import VoucherView as FundedVoucher
from portal.client.vouchers import Reason, VoucherDetail, VoucherView
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.kit.vouchers import title_of, unless_down

REFUSALS = (409, 422)
MOST = 200
"""Rows of a list that stands on a page as a whole: a voucher has no more."""


async def show(visit: Visit) -> Response:
    """The offer while it can be answered, the voucher before and after."""
    voucher = await voucher_of(visit)
    name = await title_of(visit, voucher)
    if voucher.benefit is not None:
        return await units_page(visit, voucher, name, qr_of)
    if voucher.state == "offered":
        return page(visit, "applicant/offer.html", voucher=voucher, name=name)
    caller, services = await visit.caller(), visit.services
    money, payments, accounts, changes, report, instalments = await asyncio.gather(
        unless_down(services.payments.get_voucher(caller, voucher.id)) if is_funded(voucher) else nothing(),
        unless_down(services.payments.list_voucher_payments(caller, voucher.id)) if is_funded(voucher) else nothing(),
        unless_down(account_of(visit, voucher.region)),
        unless_down(services.vouchers.list_changes(caller, voucher_id=voucher.id, limit=MOST)),
        unless_down(services.vouchers.get_voucher_report(caller, voucher.id)),
        unless_down(services.payments.get_voucher_instalments(caller, voucher.id)) if is_funded(voucher) else nothing(),
    )
    return page(
        visit, "applicant/voucher.html", voucher=voucher, name=name, payments=payments, accounts=accounts, report=report,
        changes=changes.items if changes else [], qr=qr_of(_shown_in_code(visit, voucher)) if voucher.code else None,
        left_minor=left_of(money) if money else None, instalments=instalments,
    )  # fmt: skip


def left_of(money: FundedVoucher) -> int:
    """What can still be claimed; nothing of a voucher that is settled, or was never issued in the end."""
    return money.value_minor - money.claimed_minor if money.state in ("reserved", "committed", "issued") else 0


async def agreement(visit: Visit) -> Response:
    """As PDF."""
    found = await visit.services.vouchers.get_voucher_agreement(await visit.caller(), id_of(visit))
    return StreamingResponse(found.content, headers=found.headers)


async def ask_to_withdraw(visit: Visit) -> Response:
    """What follows, asked once."""
    return await _withdrawal_page(visit, Reader((), visit.language))


async def withdraw(visit: Visit) -> Response:
    try:
        await visit.services.vouchers.post_voucher_withdrawal(await visit.caller(), id_of(visit), Reason(reason="by-beneficiary"))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader = Reader((), visit.language)
        reader.errors[FORM] = problem.detail
        return await _withdrawal_page(visit, reader, problem.status)
    return go(f"/vouchers/{id_of(visit)}?done=withdrawn")


async def _withdrawal_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    voucher, language = await voucher_of(visit), visit.language
    follows = [
        text(language, "It cannot be used any more, and this cannot be undone."),
        text(language, "Payments that are already at the bank are finished. All other claims and payments end."),
        text(language, "The rest of the money goes back to the call, for the next application on the reserve list."),
        text(language, "What was paid for expenditure that is not eligible has to be paid back."),
    ]
    if voucher.benefit is not None:
        follows = [
            follows[0], text(language, "Your bookings end. What you have attended stays used up."),
            text(language, "The rest goes back to the call, for the next application on the reserve list."),
        ]  # fmt: skip
    return confirm_page(
        visit, reader, status, title=text(language, "Give the voucher up"), follows=follows, button=text(language, "Give it up"),
        back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


def confirm_page(visit: Visit, reader: Reader, status: int, **values: Any) -> Response:
    return page(visit, "kit/confirm.html", status=status, form=reader, restored=False, ask_reason=False, hidden={}, **values)


def id_of(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["voucher_id"]))


async def voucher_of(visit: Visit) -> VoucherDetail:
    found = await visit.services.vouchers.get_voucher(await visit.caller(), id_of(visit))
    await visit.at(found.region)
    return found


async def account_of(visit: Visit, region: str) -> list[PayeeView]:
    """The organisation's account for payments of the region: one, or none yet."""
    found = await visit.services.payments.list_payees(await visit.caller(), region=region, limit=MOST)
    return [payee for payee in found.items if payee.organisation_id == visit.person.organisation]


def is_funded(voucher: VoucherView | VoucherDetail) -> bool:
    """Payments has reserved its money. Before that, payments may not know it yet."""
    return voucher.offered_at is not None


async def nothing() -> None:
    """For what is not asked."""


def _shown_in_code(visit: Visit, voucher: VoucherDetail) -> str:
    """What a telephone reads: where the provider is paid, the page on which it redeems the voucher; else the code alone."""
    code = voucher.code or ""
    direct = voucher.terms.payment_mode == "provider-direct"
    return f"{visit.origin}/redeem?{urlencode({'code': code})}" if direct else code


def qr_of(code: str) -> Markup:
    """The code as a picture; its colours are those of `qr` in the style."""
    return Markup(segno.make(code, error="m", micro=False).svg_inline(border=4, omitsize=True, light="#ffffff", dark="#0b0c0c"))


ROUTES = [
    personal("/vouchers/{voucher_id:uuid}", show, live=show),
    personal("/vouchers/{voucher_id:uuid}/agreement", agreement),
    personal("/vouchers/{voucher_id:uuid}/withdrawal", ask_to_withdraw, withdraw),
]
