"""The kinds of failure, by what the caller can do about each.

* `Refused` (and its kinds): a rule says no. Repeating changes nothing; a person must change the input.
* `Transient`: may succeed if tried again after a while (bounded).
* `Unavailable`: something we depend on is down; wait for it without limit.
* `OutcomeUnknown`: it may or may not have happened outside; enquire, never repeat blindly.
* `NotYet`: an event arrived before its predecessor; park it until the predecessor arrives.
* `Contradiction`: a message says what our own rows or the policy exclude; a dead letter.

Anything else is a defect: permanent, and a dead letter when an event caused it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.kernel.countries import Country, country_name


class TriptychError(Exception):
    """Base of our own errors."""


class Refused(TriptychError):
    """A rule says no. `code` is stable and has one `message` wherever it is raised; `field` names the input at fault (dotted path).

    `message` is a literal English sentence with `{name}` for each value, and every value is one of `facts`, so that a client can
    show it in another language (`shared.texts`) and an API can return the values. The catalogue is `docs/errors.md`.
    """

    status = 422

    def __init__(self, code: str, message: str, *, field: str | None = None, **facts: Any) -> None:
        self.code, self.message, self.field, self.facts = code, message, field, facts
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """The message in English, with its values."""
        return render_english(self.message, self.facts)


def render_english(message: str, facts: Mapping[str, Any]) -> str:
    """`message` with the values of `facts`; the fact 'zone' decides the wall time of instants."""
    zone = facts.get("zone")
    return message.format_map({name: _in_english(last_minute(name, value, zone), zone) for name, value in facts.items()})


ENDS = frozenset({"until", "longest", "present", "ended_at"})
"""Facts that are the end of a time to act in."""


def last_minute(name: str, value: Any, zone: str | None) -> Any:
    """Of an end at midnight the minute before it: 'until 3 October at 00:00' is read as if the whole of 3 October were left."""
    if name not in ENDS or not isinstance(value, datetime):
        return value
    local = value.astimezone(ZoneInfo(zone or "UTC"))
    return local - timedelta(minutes=1) if local.time() == time() else value


def _in_english(value: Any, zone: str | None = None) -> str:
    """A value as it reads in an English sentence; an instant in the wall time of `zone` (UTC without one)."""
    if isinstance(value, Country):
        return country_name(value, "en")
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(zone or 'UTC')):%d %B %Y at %H:%M %Z}"
    if isinstance(value, date):
        return f"{value:%d %B %Y}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_in_english(one, zone) for one in value)
    return str(value)


class Malformed(TriptychError):
    """Some of the input is not well-formed, as only a rule of the case could say. `faults`: place, kind and facts of each, kinds and facts
    being those of pydantic's errors. Nothing of the input is in them."""

    def __init__(self, faults: Sequence[tuple[tuple[str | int, ...], str, Mapping[str, Any]]]) -> None:
        self.faults = faults
        super().__init__(", ".join(f"{'.'.join(map(str, place))} ({kind})" for place, kind, _ in faults))

    def errors(self) -> list[dict[str, Any]]:
        """As of a request that the framework refuses."""
        return [{"loc": ("body", *place), "type": kind, "ctx": facts} for place, kind, facts in self.faults]


class NotFound(Refused):
    """The resource does not exist, or this actor may not know that it does."""

    status = 404


class Conflict(Refused):
    """The state of the resource, or another use of a key, excludes the request."""

    status = 409


class Forbidden(Refused):
    """The actor may not do this: role, region, ownership or separation of duties."""

    status = 403


class Unauthenticated(Refused):
    """The request proves no identity. `challenge` is the value of WWW-Authenticate (RFC 9110, 11.6.1)."""

    status = 401
    challenge = "Bearer"


class Transient(TriptychError):
    """May succeed when tried again; retried a bounded number of times."""


class Unavailable(TriptychError):
    """A component we depend on does not answer; retried without limit."""


class OutcomeUnknown(TriptychError):
    """A request was sent to an outside system and no answer came: it may have taken effect."""


class NotYet(TriptychError):
    """The predecessor of an event has not arrived. `awaits` is the id whose next event may unlock it."""

    def __init__(self, awaits: object, detail: str = "") -> None:
        super().__init__(detail or f"waits for {awaits}")
        self.awaits = str(awaits)


class Contradiction(TriptychError):
    """A message contradicts what is known of its subject: a defect, or a forgery. It has no effect, is never retried, and becomes a
    dead letter, which is logged as an error. The text names the field and both values, which are ids, codes and amounts."""
