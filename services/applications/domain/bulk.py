"""One act of an officer on many applications: what it may be, what comes out of each, until when it can be undone."""

from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Conflict


class BulkAction(StrEnum):
    SCREEN = "screen"
    RETURN = "return"
    FLAG = "flag"
    LIFT_FLAGS = "lift-flags"


class BulkOutcome(StrEnum):
    """PROPOSED: the return waits for a second officer. LEFT: nothing was to be done."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    RETURNED = "returned"
    PROPOSED = "proposed"
    FLAGGED = "flagged"
    LIFTED = "lifted"
    LEFT = "left"
    REFUSED = "refused"


UNDOABLE = frozenset({BulkAction.FLAG, BulkAction.LIFT_FLAGS})
"""What stays inside the agency. The result of screening is published to evaluation at once, and the applicant has a letter about a return:
neither is taken back by a click."""
UNDO_WITHIN = timedelta(hours=24)
"""Our own rule: a slip is seen the same day."""


def undo_until(action: BulkAction, at: datetime) -> datetime | None:
    """The instant up to, not including, which the act of `at` can be undone; None when it cannot be."""
    return at + UNDO_WITHIN if action in UNDOABLE else None


def check_undo(action: BulkAction, at: datetime, undone_at: datetime | None, now: datetime) -> None:
    """`Conflict` 'not-undoable', 'undone' or 'undo-too-late'."""
    until = undo_until(action, at)
    if until is None:
        raise Conflict("not-undoable", "This cannot be undone: the result is published, or the letters are out.")
    if undone_at is not None:
        raise Conflict("undone", "This was undone on {undone_at}.", undone_at=undone_at)
    if now >= until:
        raise Conflict("undo-too-late", "This could be undone until {until}.", until=until)
