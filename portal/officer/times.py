"""Days and hours that an officer types, in the region's own time."""

from datetime import datetime

from portal.kit.formats import short_moment, whole_of
from portal.kit.reader import Reader, day_of
from portal.kit.reader import mark as _
from portal.kit.texts import text
from shared.calendars.wall_time import Doubt, doubt_of, readings_of

HOUR_TWICE = _("The clocks are put back: this hour comes twice, %(earlier)s and %(later)s. Choose an hour that comes once")
HOUR_MISSING = _("The clocks are put forward: there is no such hour. Choose %(earlier)s or %(later)s")


def local_time(reader: Reader, name: str, zone: str | None = None) -> datetime | None:
    """The day and hour of a field `datetime-local`; None with an error at the field when it is none, or, where the `zone` is known, when
    the clocks leave it out or bring it twice."""
    try:
        value = datetime.fromisoformat(reader.typed.get(name, ""))
        day_of(str(value.date()))
    except ValueError:
        value = None
    if value is None or value.tzinfo is not None:
        reader.errors[name] = text(reader.language, "Enter a day and an hour, for example 2026-01-31T12:00")
        return None
    if zone and (doubt := doubt_of(value, zone)):
        earlier, later = (short_moment(one, zone, reader.language) for one in readings_of(value, zone))
        words = HOUR_TWICE if doubt is Doubt.TWICE else HOUR_MISSING
        reader.errors[name] = text(reader.language, words) % {"earlier": earlier, "later": later}
        return None
    return value


def days_before(reader: Reader) -> list[int]:
    """Of reminders; an error at their field when they are no days."""
    try:
        return [whole_of(part) for part in reader.typed.get("reminders_before_days", "").replace(";", ",").split(",") if part.strip()]
    except ValueError:
        reader.errors["reminders_before_days"] = text(reader.language, "Enter days with commas between them, for example 14, 3")
        return []
