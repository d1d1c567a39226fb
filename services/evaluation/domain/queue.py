"""First come: which applications can be decided now.

Sequences run from 1 without gaps, in the order of the first admissible submission.
"""

from collections.abc import Mapping

from services.evaluation.domain import states
from services.evaluation.domain.states import QueueState


def later_state(known: QueueState | None, reported: QueueState) -> QueueState:
    """The state that holds after both, in whatever order the events of one application arrive, and however often."""
    return reported if known is None or reported in states.QUEUE_TRANSITIONS[known] else known


def decidable_sequences(by_sequence: Mapping[int, QueueState], start: int) -> list[int]:
    """The sequences from `start` on that can be decided now: up to the first that is unknown or not yet screened."""
    ready = []
    while by_sequence.get(start, QueueState.WAITING) != QueueState.WAITING:
        ready.append(start)
        start += 1
    return ready
