"""Appeals against the list of a call: who may lodge one and until when, and what a decision does."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.evaluation.domain.states import OPEN_APPEALS, AppealState
from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Remedy:
    """What decides whether an application may appeal. `until`: the first moment at which it may not any more, None without a list in force;
    `term_over`: the decisions were due."""

    listed: bool
    withdrawn: bool
    until: datetime | None
    term_over: bool
    appealed: bool


def check_remedy(remedy: Remedy, now: datetime, zone: str) -> None:
    """`Conflict` not-listed, appeal-lodged or appeal-too-late. Instants are compared; a timer that is late lets nobody in."""
    if not remedy.listed or remedy.withdrawn or remedy.until is None:
        raise Conflict("not-listed", "The application is on no list against which you could appeal.")
    if remedy.appealed:
        raise Conflict("appeal-lodged", "An appeal has been lodged for this application. There is one for each application.")
    if remedy.term_over or now >= remedy.until:
        raise Conflict("appeal-too-late", "Appeals could be lodged until {until}.", until=remedy.until, zone=zone)


def check_decision(state: AppealState, *, complete: bool) -> None:
    """`Conflict` appeal-decided, or appeal-not-open while the list is not the one that was appealed against."""
    if state != AppealState.LODGED:
        raise Conflict("appeal-decided", "This appeal is not open any more.")
    if not complete:
        raise Conflict("case-scored-again", "The case is being scored again. Wait until its score sheets are submitted.")


def hold_decisions(states: Collection[AppealState]) -> bool:
    """Whether the decisions of a call wait for one of its appeals."""
    return any(state in OPEN_APPEALS for state in states)


def list_is_revised(states: Collection[AppealState], revision_since: datetime | None = None) -> bool:
    """Whether another list has to take the place of the approved one. `revision_since`: when a conflict of interest was found after its
    approval."""
    return AppealState.UPHELD in states or revision_since is not None


def revision_reason(revision_since: datetime | None) -> str:
    """Why another list takes the place of the approved one."""
    return "appeals-upheld" if revision_since is None else "conflict-found"
