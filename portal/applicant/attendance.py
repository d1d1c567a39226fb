"""Sessions of a voucher that is hours or places: booked, given up, and the beneficiary's word on what the host recorded."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.applicant.vouchers import REFUSALS, confirm_page, id_of, voucher_of
from portal.client.base import ApiProblem
from portal.client.vouchers import BookingInput, BookingView, ObjectionInput
from portal.kit.formats import moment, units
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import personal
from portal.kit.sessions import sentence, when
from portal.kit.texts import text
from portal.kit.visit import Visit

OBJECTION_NEEDED = _("Say how it was. The officer who decides reads it")


async def ask_booking(visit: Visit) -> Response:
    """What follows, asked once."""
    return await _booking_page(visit, Reader((), visit.language))


async def book(visit: Visit) -> Response:
    session = str(visit.request.path_params["session_id"])
    ask = visit.services.vouchers.post_voucher_booking
    return await _act(visit, _booking_page, "booked", ask, id_of(visit), BookingInput(session_id=UUID(session)))


async def _booking_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    language, voucher = visit.language, await voucher_of(visit)
    assert voucher.benefit is not None, "only such a voucher has sessions"
    session = await visit.services.vouchers.get_session(await visit.caller(), str(visit.request.path_params["session_id"]))
    follows = [
        text(language, "{title}, {place}. Led by: {mentor}. It begins on {moment} and takes {time}.").format(
            title=session.title, place=session.place, mentor=session.mentor, moment=when(session, language),
            time=units(session.minutes, "minutes", language),
        ),
        text(
            language, "You can give the booking up until {hours} hours before it begins. After that, and if you do not come, it is used up."
        ).format(hours=voucher.benefit.free_until_hours),
        text(language, "Bring the code of your voucher: the host records with it who is there."),
    ]  # fmt: skip
    return confirm_page(
        visit, reader, status, title=text(language, "Book this session"), follows=follows, button=text(language, "Book it"),
        back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


async def ask_cancellation(visit: Visit) -> Response:
    return await _cancellation_page(visit, Reader((), visit.language))


async def cancel(visit: Visit) -> Response:
    return await _act(visit, _cancellation_page, "given-up", visit.services.vouchers.post_booking_cancellation, _booking_id(visit))


async def _cancellation_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    language, voucher, booking = visit.language, await voucher_of(visit), await _booking(visit)
    assert voucher.benefit is not None, "only such a voucher has bookings"
    hours = (booking.session.starts_at - booking.session.as_of).total_seconds() / 3600
    held = units(booking.units_held, voucher.benefit.unit, language)
    late = text(language, "It begins in less than {hours} hours, so this is used up all the same: {held} of your voucher.")
    free = text(language, "Free again: {held} of your voucher. Somebody else gets the seat.")
    words = free if hours >= voucher.benefit.free_until_hours else late
    follows = [
        f"{booking.session.title}, {when(booking.session, language)}",
        words.format(hours=voucher.benefit.free_until_hours, held=held),
    ]
    return confirm_page(
        visit, reader, status, title=text(language, "Give the booking up"), follows=follows, button=text(language, "Give it up"),
        back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


async def ask_confirmation(visit: Visit) -> Response:
    return await _confirmation_page(visit, Reader((), visit.language))


async def confirm(visit: Visit) -> Response:
    return await _act(visit, _confirmation_page, "confirmed", visit.services.vouchers.post_booking_confirmation, _booking_id(visit))


async def _confirmation_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    return await _word_page(
        visit, reader, status, title=_("Confirm the record"), button=_("It was so"), ask_reason=False,
        then=_("This stands then, and you cannot object to it any more."),
    )  # fmt: skip


async def ask_objection(visit: Visit) -> Response:
    return await _objection_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def object_to(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    words = reader.line("reason", OBJECTION_NEEDED)
    if reader.errors:
        return await _objection_page(visit, reader, 422)
    ask = visit.services.vouchers.post_booking_objection
    return await _act(visit, _objection_page, "objected", ask, _booking_id(visit), ObjectionInput(words=words), reader=reader)


async def _objection_page(visit: Visit, reader: Reader, status: int = 200) -> Response:
    return await _word_page(
        visit, reader, status, title=_("Object to the record"), button=_("Object"), ask_reason=True,
        then=_("An officer of the region who did not record it decides. Until then it uses nothing up."),
    )  # fmt: skip


async def _word_page(visit: Visit, reader: Reader, status: int, *, title: str, button: str, ask_reason: bool, then: str) -> Response:
    language, voucher, booking = visit.language, await voucher_of(visit), await _booking(visit)
    assert voucher.benefit is not None, "only such a voucher has bookings"
    follows = [
        f"{booking.session.title}, {moment(booking.session.starts_at, booking.session.zone, language)}",
        sentence(booking, voucher.benefit.unit, language), text(language, then),
    ]  # fmt: skip
    return page(
        visit, "kit/confirm.html", status=status, form=reader, restored=False, ask_reason=ask_reason, hidden={},
        title=text(language, title), follows=follows, button=text(language, button), back=f"/vouchers/{voucher.id}",
    )  # fmt: skip


async def _act(
    visit: Visit, again: Callable[[Visit, Reader, int], Awaitable[Response]], done: str, ask: Any, *arguments: Any,
    reader: Reader | None = None,
) -> Response:  # fmt: skip
    """A refusal stands on the page that asked."""
    try:
        await ask(await visit.caller(), *arguments)
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader = reader or Reader((), visit.language)
        reader.errors[FORM] = problem.detail
        return await again(visit, reader, problem.status)
    return go(f"/vouchers/{id_of(visit)}?done={done}")


def _booking_id(visit: Visit) -> UUID:
    return UUID(str(visit.request.path_params["booking_id"]))


async def _booking(visit: Visit) -> BookingView:
    return await visit.services.vouchers.get_booking(await visit.caller(), _booking_id(visit))


BOOKING = "/vouchers/{voucher_id:uuid}/bookings/{booking_id:uuid}"
ROUTES = [
    personal("/vouchers/{voucher_id:uuid}/sessions/{session_id:uuid}", ask_booking, book),
    personal(f"{BOOKING}/cancellation", ask_cancellation, cancel),
    personal(f"{BOOKING}/confirmation", ask_confirmation, confirm),
    personal(f"{BOOKING}/objection", ask_objection, object_to),
]
