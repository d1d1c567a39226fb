"""The page of a voucher that is hours or places: what it holds, its code, its sessions."""

from collections.abc import Callable

from markupsafe import Markup
from starlette.responses import Response

from portal.client.vouchers import AttendanceView, SessionView, VoucherDetail
from portal.kit.pages import page
from portal.kit.sessions import COLOURS, kinds, sentence, states
from portal.kit.visit import Visit
from portal.kit.vouchers import unless_down

MOST = 200


async def units_page(visit: Visit, voucher: VoucherDetail, name: str, picture: Callable[[str], Markup]) -> Response:
    """At any stage; the offer while it can be answered. `picture`: of a code, as QR."""
    assert voucher.benefit is not None, "the caller has looked"
    language, unit = visit.language, voucher.benefit.unit
    if voucher.state == "offered":
        return page(visit, "applicant/offer-units.html", voucher=voucher, name=name, kinds=kinds(language))
    held = await attendance_of(visit, voucher)
    report = await unless_down(visit.services.vouchers.get_voucher_report(await visit.caller(), voucher.id))
    booked = {one.session.id for one in held.bookings if one.state != "cancelled"} if held else set()
    to_come = [one for one in await _sessions(visit, voucher) if one.id not in booked] if voucher.state == "issued" else []
    return page(
        visit, "applicant/voucher-units.html", voucher=voucher, name=name, held=held, report=report, kinds=kinds(language),
        sessions=to_come, states=states(language), colours=COLOURS,
        said={one.id: sentence(one, unit, language) for one in held.bookings} if held else {},
        qr=picture(f"{visit.origin}/attend?code={voucher.code}") if voucher.code else None,
    )  # fmt: skip


async def attendance_of(visit: Visit, voucher: VoucherDetail) -> AttendanceView | None:
    """None before the units are reserved."""
    if voucher.offered_at is None:
        return None
    return await unless_down(visit.services.vouchers.get_voucher_attendance(await visit.caller(), voucher.id))


async def _sessions(visit: Visit, voucher: VoucherDetail) -> list[SessionView]:
    found = await visit.services.vouchers.list_sessions(await visit.caller(), call_id=voucher.call_id, to_come=True, limit=MOST)
    return [one for one in found.items if one.starts_at > one.as_of]
