"""Screening of a whole call goes in steps: each is an act of its own, and stays done whatever happens to the next one."""

from dataclasses import dataclass

from portal.client.applications import BulkActView, ScreeningCountsView

STEP = 200
"""Applications of one step: as many as the service takes at once."""
UNDECIDED = ("submitted", "returned")


@dataclass(frozen=True)
class Progress:
    """`done` of `all` submitted applications are screened. `goes_on`: the step took as many as it could, and some are left."""

    done: int
    all: int
    goes_on: bool


def progress_of(act: BulkActView, counts: ScreeningCountsView | None) -> Progress | None:
    """None for another act. A step in which every application was refused is the last one: the next would take the same ones."""
    if act.action != "screen" or counts is None:
        return None
    all_, left = sum(counts.states.values()), sum(counts.states.get(state, 0) for state in UNDECIDED)
    moved = any(one.outcome != "refused" for one in act.results)
    return Progress(all_ - left, all_, len(act.results) >= STEP and moved and counts.states.get("submitted", 0) > 0)
