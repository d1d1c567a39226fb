"""What waits for people of the agency: for whom each kind is, and what a person gets to know of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from shared.identity.actor import Grant, Role
from shared.kernel.vocabulary import TaskKind

_OWNERS = {
    ("payments", Role.FINANCE): (
        TaskKind.UNKNOWN_OUTCOMES, TaskKind.PROOFS, TaskKind.UNMATCHED_LINES, TaskKind.PAYMENTS_TO_CORRECT, TaskKind.BATCHES_TO_RELEASE,
        TaskKind.PAYMENTS_TO_SEAL, TaskKind.PAYMENTS_TO_APPROVE, TaskKind.CLAIMS_TO_PREPARE, TaskKind.ACCOUNTS, TaskKind.ENVELOPES,
        TaskKind.ENVELOPE_CHANGES,
    ),
    ("payments", Role.OFFICER): (TaskKind.CLAIMS_TO_CHECK, TaskKind.AID_TO_REGISTER),
    ("applications", Role.OFFICER): (
        TaskKind.OVERRULES, TaskKind.CORRECTED_APPLICATIONS, TaskKind.APPLICATIONS_TO_SCREEN, TaskKind.CALLS_TO_PUBLISH,
    ),
    ("evaluation", Role.OFFICER): (TaskKind.APPEALS, TaskKind.QUESTIONS, TaskKind.LATE_EVALUATORS),
    ("evaluation", Role.EVALUATOR): (TaskKind.SHEETS_DUE, TaskKind.INTERESTS_TO_DECLARE, TaskKind.APPLICATIONS_TO_SCORE),
    ("vouchers", Role.OFFICER): (TaskKind.CHANGES, TaskKind.SUSPENDED_VOUCHERS),
    ("people", Role.ADMINISTRATOR): (TaskKind.ROLES_TO_DECIDE,),
}  # fmt: skip
SERVICE_OF: Mapping[TaskKind, str] = MappingProxyType({kind: service for (service, _), kinds in _OWNERS.items() for kind in kinds})
"""The service that counts the kind: no other one is believed."""
ROLE_OF: Mapping[TaskKind, Role] = MappingProxyType({kind: role for (_, role), kinds in _OWNERS.items() for kind in kinds})
OF_ONE = frozenset({TaskKind.SHEETS_DUE, TaskKind.INTERESTS_TO_DECLARE, TaskKind.APPLICATIONS_TO_SCORE})
"""Kinds that are counted for each person."""


@dataclass(frozen=True, slots=True)
class Task:
    """`person_id`: for this one alone; else for all with the role, but for those of `not_for`, who have taken part in it."""

    region: str
    kind: TaskKind
    count: int
    person_id: str | None = None
    not_for: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a kind wait for a person in a region."""

    region: str
    kind: TaskKind
    count: int


def tasks_of_person(person_id: str, roles: Collection[Grant], tasks: Iterable[Task]) -> list[Waiting]:
    """By region, the most urgent kind first; of the roles that are in force."""
    found: dict[tuple[str, TaskKind], int] = {}
    for task in tasks:
        addressed = person_id not in task.not_for and task.person_id in (None, person_id)
        if addressed and Grant(ROLE_OF[task.kind], task.region) in roles:
            found[task.region, task.kind] = found.get((task.region, task.kind), 0) + task.count
    order = list(TaskKind)
    waiting = [Waiting(region, kind, count) for (region, kind), count in found.items()]
    return sorted(waiting, key=lambda one: (one.region, order.index(one.kind)))


def task_mail_is_due(last_sent_at: datetime | None, now: datetime, *, unfinished: bool) -> bool:
    """Whether the tasks of this day (UTC, programme time) become a digest: unless one was sent today, or is on its way still."""
    return not unfinished and (last_sent_at is None or last_sent_at.date() < now.date())
