"""Days and hours that an officer types, in the region's own time."""

from datetime import datetime

from portal.kit.reader import Reader
from portal.kit.texts import text


def local_time(reader: Reader, name: str) -> datetime | None:
    """The day and hour of a field `datetime-local`; None with an error at the field when it is none."""
    try:
        value = datetime.fromisoformat(reader.typed.get(name, ""))
    except ValueError:
        value = None
    if value is None or value.tzinfo is not None:
        reader.errors[name] = text(reader.language, "Enter a day and an hour, for example 2026-01-31T12:00")
        return None
    return value
