"""Who could take a seat of a case, and why somebody may not: what an officer reads before giving a seat to another evaluator."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.evaluation.domain.assignment import CaseToAssign, Evaluator, has_conflict

OTHER_LANGUAGE, CONFLICT, HELD_BEFORE, CLOSED, TIED = "other-language", "conflict", "held-before", "took-other-step", "tied-to-call"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`barred_by` names the hard rules that exclude the evaluator; empty when none does. `load` counts open and scored cases."""

    evaluator_id: str
    load: int
    topics: tuple[str, ...]
    barred_by: tuple[str, ...]


def candidates(
    case: CaseToAssign,
    evaluators: Iterable[Evaluator],
    load: Mapping[str, int],
    closed: Collection[str] = (),
    tied: Collection[str] = (),
) -> list[Candidate]:
    """The best one first: who may take the seat, then the smallest load, then topics in common. `closed`: who took a step of the call that
    does not go with scoring. `tied`: who is tied to an applicant of the call, also another one."""
    found = [
        Candidate(each.id, load.get(each.id, 0), tuple(sorted(each.topics & case.topics)), barred_by(each, case, closed, tied))
        for each in evaluators
        if each.region == case.region
    ]
    return sorted(found, key=lambda one: (bool(one.barred_by), one.load, -len(one.topics), one.evaluator_id))


def barred_by(evaluator: Evaluator, case: CaseToAssign, closed: Collection[str] = (), tied: Collection[str] = ()) -> tuple[str, ...]:
    """The rules that exclude the evaluator from the case."""
    rules = {
        HELD_BEFORE: evaluator.id in case.barred,
        CONFLICT: has_conflict(evaluator, case),
        OTHER_LANGUAGE: case.language not in evaluator.languages,
        CLOSED: evaluator.id in closed,
        TIED: evaluator.id in tied and not has_conflict(evaluator, case),
    }
    return tuple(rule for rule, holds in rules.items() if holds)
