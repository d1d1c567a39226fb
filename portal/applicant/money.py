"""Where is my money: each payment on a voucher in plain words, and the claims that wait for theirs."""

import asyncio

from starlette.responses import Response

from portal.applicant.vouchers import MOST, is_funded, left_of, voucher_of
from portal.kit.pages import go, page
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.kit.vouchers import title_of


async def money(visit: Visit) -> Response:
    voucher, caller = await voucher_of(visit), await visit.caller()
    if voucher.benefit or not is_funded(voucher):
        return go(f"/vouchers/{voucher.id}")
    payments = visit.services.payments
    known, paid, claims = await asyncio.gather(
        payments.get_voucher(caller, voucher.id),
        payments.list_voucher_payments(caller, voucher.id),
        payments.list_claims(caller, voucher_id=voucher.id, limit=MOST),
    )
    waiting = [claim for claim in claims.items if claim.disbursement_id is None and claim.state in ("lodged", "accepted")]
    name = await title_of(visit, voucher)
    return page(
        visit, "applicant/money.html", voucher=voucher, name=name, money=known, payments=paid, waiting=waiting, left_minor=left_of(known)
    )


ROUTES = [personal("/vouchers/{voucher_id:uuid}/money", money, live=money)]
