"""What can go wrong, by what the caller can do about it.

* `Refused` (and its kinds): a rule says no. Repeating changes nothing; a person must change the input.
* `Transient`: may succeed if tried again after a while (bounded).
* `Unavailable`: something we depend on is down; wait for it, however long it takes.
* `OutcomeUnknown`: it may or may not have happened outside; enquire, never repeat blindly.
* `NotYet`: an event came before the one it builds on; park it until that has come.

Anything else is a defect: permanent, and a dead letter when an event caused it.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


class TriptychError(Exception):
    """Root of all errors with a meaning of their own."""


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
        try:
            return self.message.format_map({name: in_english(value, self.facts.get("zone")) for name, value in self.facts.items()})
        except (KeyError, ValueError, IndexError):  # transitional: a message that still holds its values
            return self.message


def in_english(value: Any, zone: str | None = None) -> str:
    """A value as it reads in an English sentence; an instant in the wall time of `zone` (UTC without one)."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(zone or 'UTC')):%d %B %Y at %H:%M:%S %Z}"
    if isinstance(value, date):
        return f"{value:%d %B %Y}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(in_english(one, zone) for one in value)
    return str(value)


class NotFound(Refused):
    """The thing named does not exist, or not for this actor."""

    status = 404


class Conflict(Refused):
    """The thing is in a state, or a key in a use, that excludes what was asked."""

    status = 409


class Forbidden(Refused):
    """The actor may not do this: role, region, ownership or separation of duties."""

    status = 403


class Unauthenticated(Refused):
    """No valid proof of who is calling."""

    status = 401


class Transient(TriptychError):
    """May succeed when tried again; retried a bounded number of times."""


class Unavailable(TriptychError):
    """A component we depend on does not answer; waited for without bound."""


class OutcomeUnknown(TriptychError):
    """Sent outside, no answer: it may have happened."""


class NotYet(TriptychError):
    """An event's predecessor has not come yet. `awaits` is the id whose next event may unlock it."""

    def __init__(self, awaits: object, detail: str = "") -> None:
        super().__init__(detail or f"waits for {awaits}")
        self.awaits = str(awaits)
