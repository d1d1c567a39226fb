"""Sessions that an organisation leads: the list, who has booked, and the record of who was there by the code of the voucher."""

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import SessionView
from portal.kit.attendance import list_values, record
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.routing import personal
from portal.kit.visit import Visit

MOST = 200
PATH = "/hosting"


async def hosting(visit: Visit) -> Response:
    """The sessions of the organisation, those to come first."""
    if visit.person.organisation is None:
        return go("/home")
    ask, caller = visit.services.vouchers.list_sessions, await visit.caller()
    to_come = (await ask(caller, hosted=True, to_come=True, limit=MOST)).items
    over = (await ask(caller, hosted=True, to_come=False, limit=MOST, sort="-starts_at")).items
    return page(visit, "provider/hosting.html", to_come=to_come, over=over, code="", form=Reader((), visit.language))


async def session(visit: Visit) -> Response:
    """`code` in the query: from the QR code of a voucher."""
    return await _session_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def act(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    if not await record(visit, reader):
        return await _session_page(visit, reader)
    return go(f"{PATH}/{visit.request.path_params['session_id']}?done=recorded")


async def attend(visit: Visit) -> Response:
    """Where the QR code of a voucher leads: to the session that it has booked, and that the reader may record."""
    code, reader = visit.request.query_params.get("code", ""), Reader((), visit.language)
    reader.typed["code"] = code
    found: list[SessionView] = []
    if code:
        try:
            bookings = await visit.services.vouchers.list_bookings_by_code(await visit.caller(), code)
            found = [one.session for one in bookings if one.state == "booked"]
        except ApiProblem as problem:
            if problem.status not in (403, 422):
                raise
            reader.errors["code" if problem.status == 422 else FORM] = problem.detail
    place = PATH if visit.person.organisation is not None else "/officer/sessions"
    if len(found) == 1:
        return go(f"{place}/{found[0].id}?code={code}")
    status = 422 if reader.errors else 200
    return page(visit, "provider/attend.html", status=status, sessions=found, code=code, place=place, form=reader)


async def _session_page(visit: Visit, reader: Reader) -> Response:
    caller, vouchers = await visit.caller(), visit.services.vouchers
    one = await vouchers.get_session(caller, str(visit.request.path_params["session_id"]))
    await visit.at(one.region)
    bookings = await vouchers.list_session_bookings(caller, one.id)
    return page(
        visit, "provider/hosted.html", status=422 if reader.errors else 200, one=one, form=reader,
        code=visit.request.query_params.get("code", ""), **list_values(visit, bookings),
    )  # fmt: skip


ROUTES = [
    personal(PATH, hosting),
    personal(f"{PATH}/{{session_id:uuid}}", session, act),
    personal("/attend", attend, of_agency=None),
]
