"""What pages say of vouchers that are hours or places: kinds, sessions, and the record of who was there."""

from portal.client.vouchers import BookingView, SessionView
from portal.kit.formats import last_moment, moment, units
from portal.kit.texts import text

COLOURS = {"booked": "blue", "cancelled": "grey", "recorded": "yellow", "objected": "orange", "confirmed": "green"}


def kinds(language: str) -> dict[str, str]:
    """Kind of an offer that is not money → what it is called."""
    return {
        "guidance": text(language, "Guidance"),
        "mentoring": text(language, "Mentoring"),
        "training": text(language, "Training"),
        "event": text(language, "Event"),
    }


def states(language: str) -> dict[str, str]:
    """State of a booking → its name."""
    return {
        "booked": text(language, "Booked"),
        "cancelled": text(language, "Cancelled"),
        "recorded": text(language, "Recorded"),
        "objected": text(language, "Objection"),
        "confirmed": text(language, "Stands"),
    }


def presence(one: BookingView, language: str) -> str:
    """What is recorded, in words; empty before."""
    if one.minutes is None:
        return ""
    if not one.minutes:
        return text(language, "Absent")
    return text(language, "There for %(time)s") % {"time": units(one.minutes, "minutes", language)}


def sentence(one: BookingView, unit: str, language: str) -> str:
    """Of a booking, for its beneficiary: what happened, who has it, until when, what follows."""
    session, used = one.session, units(one.units_used, unit, language)
    zone, facts = session.zone, {"used": used, "held": units(one.units_held, unit, language), "said": presence(one, language)}
    if one.state == "booked" and session.starts_at > session.as_of:
        return text(language, "It holds %(held)s of your voucher. Show your code there.") % facts
    if one.state == "booked":
        return text(language, "The host records who was there. You need not do anything.")
    if one.state == "cancelled":
        late = text(language, "Cancelled too late. Used up: %(used)s.") % facts
        return late if one.units_used else text(language, "Cancelled. Nothing is used up.")
    if one.state == "recorded":
        until = last_moment(one.confirm_by, zone, language) if one.confirm_by else ""
        words = text(language, "%(said)s. Used up: %(used)s. Confirm it, or object until %(until)s. If you do nothing, it stands.")
        return words % {**facts, "until": until}
    if one.state == "objected":
        return text(language, "You have objected. An officer of the region who did not record it decides.")
    return text(language, "%(said)s. Used up: %(used)s. This stands.") % facts


def when(one: SessionView, language: str) -> str:
    return moment(one.starts_at, one.zone, language)
