"""What can go wrong, by what the caller may do about it.

* `Refused` (and its kinds): a rule says no. Repeating changes nothing; a person must change the input.
* `Transient`: may succeed if tried again after a while (bounded).
* `Unavailable`: something we depend on is down; wait for it, however long it takes.
* `OutcomeUnknown`: it may or may not have happened outside; enquire, never repeat blindly.
* `NotYet`: an event came before the one it builds on; park it until that has come.

Anything else is a defect: permanent, and a dead letter when an event caused it.
"""

from typing import Any


class TriptychError(Exception):
    """Root of all errors with a meaning of their own."""


class Refused(TriptychError):
    """A rule says no. `code` is stable, `detail` is for people, `field` names the input at fault (dotted path)."""

    status = 422

    def __init__(self, code: str, detail: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.field, self.facts = code, detail, field, facts


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
