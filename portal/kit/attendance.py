"""The attendance list of a session, on which its host records who was there: for officers and for organisations that lead sessions."""

from collections.abc import Sequence
from typing import Any

from portal.client.base import ApiProblem
from portal.client.vouchers import AttendanceInput, BookingView
from portal.kit.formats import whole_of
from portal.kit.reader import FORM, Reader
from portal.kit.reader import mark as _
from portal.kit.sessions import COLOURS, presence, states
from portal.kit.texts import text
from portal.kit.visit import Visit

REFUSALS = (403, 409, 422)
CODE_NEEDED = _("Enter the code that the participant shows, for example KRT-7F3K-92QM-5")
MINUTES_NEEDED = _("Enter how many minutes the participant was there, for example 60")


async def record(visit: Visit, reader: Reader) -> bool:
    """What the form of one participant says; False with the errors in `reader`. The names of its fields end with the booking."""
    booking, present = reader.typed.get("booking", ""), reader.typed.get("act") == "present"
    minutes = _minutes(reader, f"minutes-{booking}") if present else 0
    code = reader.line(f"code-{booking}", CODE_NEEDED) if present else None
    if reader.errors:
        return False
    try:
        await visit.services.vouchers.post_booking_attendance(
            await visit.caller(), booking, AttendanceInput(minutes=minutes, code=code or None)
        )
    except ApiProblem as problem:
        if problem.status not in REFUSALS:
            raise
        reader.errors = {f"{field}-{booking}": reason for field, reason in problem.fields.items()} or {FORM: problem.detail}
        return False
    return True


def _minutes(reader: Reader, name: str) -> int:
    try:
        return whole_of(reader.typed.get(name, ""))
    except ValueError:
        reader.errors[name] = text(reader.language, MINUTES_NEEDED)
        return 0


def list_values(visit: Visit, bookings: Sequence[BookingView]) -> dict[str, Any]:
    """What the template of the list shows besides the bookings."""
    language = visit.language
    return {
        "bookings": bookings,
        "states": states(language),
        "colours": COLOURS,
        "presence": {one.id: presence(one, language) for one in bookings},
    }
