"""Sessions of calls that give hours or places: planned, cancelled, with their attendance lists; objections, corrections, and the export."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.vouchers import (
    BookingView,
    CorrectionDecisionInput,
    CorrectionInput,
    DeskView,
    MinutesInput,
    RegisteredSessionView,
    SessionCancellationInput,
    SessionInput,
)
from portal.kit.attendance import list_values, record
from portal.kit.desks import Task
from portal.kit.formats import unit_name, units
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.sessions import COLOURS, presence, states
from portal.kit.texts import text
from portal.kit.visit import MOST_CALLS, Visit
from portal.officer.times import local_time
from shared.texts.languages import in_language

PATH, RECORDS = "/officer/sessions", "/officer/attendance"
REFUSALS = (403, 409, 422)
MOST = 200
NEEDED = {
    "title": _("Enter what the session is about"),
    "place": _("Enter where it takes place"),
    "mentor": _("Enter who leads it, by function and without a name, for example design strategist"),
}
SEATS_NEEDED, MINUTES_NEEDED = _("Enter how many seats there are, for example 12"), _("Enter minutes, 0 for absence")
REASON_NEEDED = _("Say why. Who booked reads it")
CORRECTION_NEEDED = _("Say why the record was wrong")


def tasks(visit: Visit, desk: DeskView) -> list[Task]:
    """What waits for officers here."""
    language = visit.language
    counts = [
        (text(language, "Attendance to record"), desk.to_record, "to_record=true"),
        (text(language, "Objections to a record of attendance"), desk.objections, "state=objected"),
        (text(language, "Corrections of attendance to confirm"), desk.corrections, "to_correct=true"),
    ]
    return [Task(words, one.count, f"{RECORDS}?{query}", one.exact) for words, one, query in counts]


async def sessions(visit: Visit) -> Response:
    language, caller = visit.language, await visit.caller()
    calls = await _calls(visit)

    def title(one: RegisteredSessionView) -> Cell:
        return Cell(one.title, f"{PATH}/{one.id}", below=one.place)

    def seats(one: RegisteredSessionView) -> Cell:
        words = text(language, "%(taken)s of %(seats)s") % {"taken": one.seats - one.free, "seats": one.seats}
        return Cell(words, value=one.seats - one.free)

    def count(name: str, title: str) -> Column[RegisteredSessionView]:
        def cell(one: RegisteredSessionView) -> Cell:
            value = getattr(one.counts, name)
            return Cell(units(value, one.unit, language) if name == "units_used" else str(value), value=value)

        return Column(name, title, cell, number=True)

    def state(one: RegisteredSessionView) -> Cell:
        if one.cancelled_at:
            return Cell(text(language, "Cancelled"), colour="grey", value="cancelled")
        if one.ends_at > one.as_of:
            return Cell(text(language, "To come"), colour="blue", value="to-come")
        return Cell(text(language, "Over"), colour="green", value="over")

    listing: Listing[RegisteredSessionView] = Listing(
        name="sessions",
        title=text(language, "Register of sessions"),
        columns=[
            Column("starts_at", text(language, "Begins"), lambda one: instant(one.starts_at, one.zone, language), "starts_at"),
            Column("title", text(language, "Session"), title),
            Column("call", text(language, "Call"), lambda one: calls.get(str(one.call_id), "–")),
            Column("mentor", text(language, "Led by"), lambda one: one.mentor),
            Column("seats", text(language, "Seats booked"), seats, number=True),
            count("present", text(language, "Present")),
            count("absent", text(language, "Absent")),
            count("unrecorded", text(language, "Not recorded")),
            count("units_used", text(language, "Used up")),
            Column("state", text(language, "State"), state),
        ],
        ask=partial(visit.services.vouchers.list_session_register, caller),
        empty=text(language, "No session is planned. Plan one on the page of a call that gives hours or places."),
        filters=[
            Filter("to_come", text(language, "When"), {"true": text(language, "To come"), "false": text(language, "Over or cancelled")}),
            await region_filter(visit, "officer"), Filter("call_id", text(language, "Call"), calls),
        ],
    )  # fmt: skip
    return await listed(visit, listing)


async def _calls(visit: Visit) -> dict[str, str]:
    """Calls that give no money, by id."""
    found = await visit.services.vouchers.list_capacities(await visit.caller(), limit=MOST)
    known = await visit.services.applications.list_calls(await visit.caller(), limit=MOST_CALLS, sort="-opens_at")
    given = {one.call_id for one in found.items}
    return {str(one.id): in_language(one.title, visit.language) for one in known.items if one.id in given}


async def ask_plan(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _plan_page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def plan(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    call = await visit.services.applications.get_call(await visit.caller(), str(visit.request.path_params["call_id"]))
    zone = (await visit.region(call.region)).zone
    words = {name: reader.line(name, needed) for name, needed in NEEDED.items()}
    starts, ends = (local_time(reader, name, zone) for name in ("starts_at", "ends_at"))
    seats = reader.number("seats", SEATS_NEEDED)
    if not reader.errors and starts and ends:
        at = {"starts_at": starts.replace(tzinfo=ZoneInfo(zone)), "ends_at": ends.replace(tzinfo=ZoneInfo(zone))}
        host = reader.typed.get("host_organisation_id") or None
        body = SessionInput.model_validate({**words, **at, "seats": seats, "host_organisation_id": host})
        try:
            made = await visit.services.vouchers.post_call_session(await visit.caller(), call.id, body)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{PATH}/{made.id}?done=planned")
    return await _plan_page(visit, reader)


async def _plan_page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    language, caller = visit.language, await visit.caller()
    call = await visit.services.applications.get_call(caller, str(visit.request.path_params["call_id"]))
    await visit.at(call.region)
    approved = await visit.services.payments.list_provider_registrations(caller, region=call.region, state="approved", limit=MOST)
    hosts = {"": text(language, "The agency: officers record who was there")}
    hosts |= {str(one.organisation_id): one.name or "–" for one in approved.items}
    return page(
        visit, "officer/session-new.html", status=422 if reader.errors else 200, form=reader, restored=restored, call=call, hosts=hosts
    )


async def session(visit: Visit) -> Response:
    return await _session_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def act(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    if not await record(visit, reader):
        return await _session_page(visit, reader)
    return go(f"{PATH}/{_id(visit, 'session_id')}?done=recorded")


async def _session_page(visit: Visit, reader: Reader) -> Response:
    caller, vouchers = await visit.caller(), visit.services.vouchers
    one = await vouchers.get_session(caller, _id(visit, "session_id"))
    await visit.at(one.region)
    bookings = await vouchers.list_session_bookings(caller, one.id)
    return page(
        visit, "officer/session.html", status=422 if reader.errors else 200, one=one, form=reader, records=RECORDS,
        code=visit.request.query_params.get("code", ""), **list_values(visit, bookings),
    )  # fmt: skip


async def ask_cancellation(visit: Visit) -> Response:
    return await _cancellation_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def cancel(visit: Visit) -> Response:
    reader = Reader(visit.form, visit.language)
    reason = reader.line("reason", REASON_NEEDED)
    ask = visit.services.vouchers.post_session_cancellation
    if await _done(visit, reader, ask, _id(visit, "session_id"), lambda: SessionCancellationInput(reason=reason)):
        return go(f"{PATH}/{_id(visit, 'session_id')}?done=cancelled")
    return await _cancellation_page(visit, reader)


async def _cancellation_page(visit: Visit, reader: Reader) -> Response:
    language, one = visit.language, await visit.services.vouchers.get_session(await visit.caller(), _id(visit, "session_id"))
    await visit.at(one.region)
    follows = [
        text(language, "Nobody can book it any more. Who has booked uses nothing up, and is told with your reason."),
        text(language, "This cannot be undone: plan another session in its place."),
    ]
    return page(
        visit, "kit/confirm.html", status=422 if reader.errors else 200, form=reader, restored=False, ask_reason=True, hidden={},
        title=text(language, "Cancel the session"), caption=one.title, follows=follows, button=text(language, "Cancel it"),
        back=f"{PATH}/{one.id}",
    )  # fmt: skip


async def records(visit: Visit) -> Response:
    """All bookings, for the attendance list as a file too."""
    language, calls = visit.language, await _calls(visit)
    yes = {"true": text(language, "Yes")}

    def session_of(one: BookingView) -> Cell:
        return Cell(one.session.title, f"{RECORDS}/{one.id}", value=one.session.title)

    def state(one: BookingView) -> Cell:
        return Cell(states(language)[one.state], colour=COLOURS[one.state], value=one.state)

    def minutes(one: BookingView) -> Cell:
        return Cell("" if one.minutes is None else str(one.minutes), value=one.minutes)

    def used(one: BookingView) -> Cell:
        return Cell(units(one.units_used, one.session.unit, language), value=one.units_used)

    listing: Listing[BookingView] = Listing(
        name="attendance",
        title=text(language, "Attendance"),
        columns=[
            Column("session", text(language, "Session"), session_of),
            Column("starts_at", text(language, "Begins"), lambda one: instant(one.session.starts_at, one.session.zone, language)),
            Column("voucher", text(language, "Voucher"), lambda one: Cell(f"…{one.code_end}", f"/officer/vouchers/{one.voucher_id}")),
            Column("state", text(language, "State"), state),
            Column("presence", text(language, "Record"), lambda one: presence(one, language)),
            Column("minutes", text(language, "Minutes"), minutes, number=True),
            Column("units_used", text(language, "Used up"), used, number=True),
            Column("unit", text(language, "Unit"), lambda one: unit_name(one.session.unit, language)),
            Column("booked_at", text(language, "Booked"), lambda one: instant(one.booked_at, one.session.zone, language), "booked_at"),
        ],
        ask=partial(visit.services.vouchers.list_bookings, await visit.caller()),
        empty=text(language, "Nobody has booked a session like this. Beneficiaries book on the page of their voucher."),
        filters=[
            Filter("state", text(language, "State"), states(language)),
            Filter("to_record", text(language, "Not recorded yet"), yes),
            Filter("to_correct", text(language, "With a correction that waits"), yes),
            await region_filter(visit, "officer"), Filter("call_id", text(language, "Call"), calls),
        ],
    )  # fmt: skip
    return await listed(visit, listing)


async def one_record(visit: Visit) -> Response:
    return await _record_page(visit, Reader(await visit.take_kept() or (), visit.language))


async def decide(visit: Visit) -> Response:
    """The step that the form names: the decision of an objection, a correction proposed, or one confirmed or taken back."""
    reader, vouchers, step = Reader(visit.form, visit.language), visit.services.vouchers, visit.form.get("step")
    minutes = reader.number("minutes", MINUTES_NEEDED) if step in ("decision", "correction") else 0
    reason = reader.line("reason", CORRECTION_NEEDED) if step == "correction" else ""
    routes: Mapping[str, tuple[Any, Any]] = {
        "decision": (vouchers.post_booking_decision, lambda: MinutesInput(minutes=minutes)),
        "correction": (vouchers.post_booking_correction, lambda: CorrectionInput(minutes=minutes, reason=reason)),
        "confirm": (vouchers.post_booking_correction_decision, lambda: CorrectionDecisionInput(confirmed=True)),
        "refuse": (vouchers.post_booking_correction_decision, lambda: CorrectionDecisionInput(confirmed=False)),
    }
    if step not in routes:
        return await _record_page(visit, reader)
    if await _done(visit, reader, routes[step][0], _id(visit, "booking_id"), routes[step][1]):
        return go(f"{RECORDS}/{_id(visit, 'booking_id')}?done={step}")
    return await _record_page(visit, reader)


async def _record_page(visit: Visit, reader: Reader) -> Response:
    one = await visit.services.vouchers.get_booking(await visit.caller(), _id(visit, "booking_id"))
    await visit.at(one.region)
    names = await named(visit, [one.recorded_by, one.correction.proposed_by if one.correction else None])
    return page(
        visit, "officer/attendance.html", status=422 if reader.errors else 200, one=one, form=reader, who=names.by,
        states=states(visit.language), colours=COLOURS, presence=presence(one, visit.language),
    )  # fmt: skip


async def _done(visit: Visit, reader: Reader, ask: Any, identity: UUID, body: Any) -> bool:
    """False with the errors in `reader`."""
    if reader.errors:
        return False
    try:
        await ask(await visit.caller(), identity, body())
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.refuse(problem)
        if problem.status == 403:
            reader.errors = {FORM: problem.detail}
        return False
    return True


def _id(visit: Visit, name: str) -> UUID:
    return UUID(str(visit.request.path_params[name]))


ROUTES = [
    staff(PATH, sessions),
    staff("/officer/calls/{call_id:uuid}/sessions", ask_plan, plan),
    staff(f"{PATH}/{{session_id:uuid}}", session, act),
    staff(f"{PATH}/{{session_id:uuid}}/cancellation", ask_cancellation, cancel),
    staff(RECORDS, records),
    staff(f"{RECORDS}/{{booking_id:uuid}}", one_record, decide),
]
