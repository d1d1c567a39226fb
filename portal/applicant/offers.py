"""An offer is accepted or declined. Each is asked once, with what follows."""

from starlette.responses import Response

from portal.applicant.vouchers import REFUSALS, confirm_page, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.kit.formats import last_moment, money, units
from portal.kit.pages import go
from portal.kit.reader import FORM, Reader
from portal.kit.routing import personal
from portal.kit.texts import text
from portal.kit.visit import Visit


async def ask_to_accept(visit: Visit) -> Response:
    return await _accept_page(visit, Reader((), visit.language))


async def accept(visit: Visit) -> Response:
    """A sign-in of long ago is renewed first, and the question asked again: nobody is bound at an unattended screen."""
    try:
        await visit.services.vouchers.post_voucher_acceptance(await visit.caller(), id_of(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        return await _accept_page(visit, _refused(visit, problem), problem.status)
    return go(f"/vouchers/{id_of(visit)}?done=accepted")


async def ask_to_decline(visit: Visit) -> Response:
    return await _decline_page(visit, Reader((), visit.language))


async def decline(visit: Visit) -> Response:
    try:
        await visit.services.vouchers.post_voucher_decline(await visit.caller(), id_of(visit))
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        return await _decline_page(visit, _refused(visit, problem), problem.status)
    return go(f"/vouchers/{id_of(visit)}?done=declined")


async def _accept_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    language, voucher = visit.language, await voucher_of(visit)
    if voucher.state != "offered" and status == 200:
        return go(f"/vouchers/{voucher.id}")
    amount, own = (money(minor, voucher.currency, language) for minor in (voucher.amount_minor, voucher.terms.own_minor))
    bound = text(
        language, "Your organisation is bound by the agreement. The grant is at most {amount}; to use all of it, you pay {own} yourself."
    )
    follows = [
        bound.format(amount=amount, own=own),
        text(language, "The money is committed for you. The voucher gets its code, usually within a day, and can be used from then on."),
        text(language, "You can still give it up later, but you cannot go back to the offer."),
        text(language, "The aid counts as de minimis aid from today."),
    ]
    if voucher.benefit is not None:
        given = units(voucher.benefit.units, voucher.benefit.unit, language)
        follows = [
            text(language, "Your organisation is bound by the agreement. You get {given}; you pay nothing, and no money is paid.").format(
                given=given
            ),
            text(language, "The voucher gets its code, usually within a day. Then you can book sessions with it."),
            *follows[2:],
        ]
    return confirm_page(
        visit, reader, status, title=text(language, "Accept the offer"), follows=follows, button=text(language, "Accept and be bound"),
        back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


async def _decline_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    language, voucher = visit.language, await voucher_of(visit)
    if voucher.state != "offered" and status == 200:
        return go(f"/vouchers/{voucher.id}")
    until = last_moment(voucher.answer_by, voucher.zone, language) if voucher.answer_by else ""
    follows = [
        text(language, "The offer ends, and this cannot be undone. The money goes to the next application on the reserve list."),
        text(language, "You need not decide now: the offer is open until {moment}.").format(moment=until),
    ]
    if voucher.benefit is not None:
        follows[0] = text(
            language, "The offer ends, and this cannot be undone. Its hours or places go to the next application on the reserve list."
        )
    return confirm_page(
        visit, reader, status, title=text(language, "Decline the offer"), follows=follows, button=text(language, "Decline it"),
        back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


def _refused(visit: Visit, problem: ApiProblem) -> Reader:
    reader = Reader((), visit.language)
    reader.errors[FORM] = problem.detail
    return reader


ROUTES = [
    personal("/vouchers/{voucher_id:uuid}/acceptance", ask_to_accept, accept),
    personal("/vouchers/{voucher_id:uuid}/decline", ask_to_decline, decline),
]
