"""Returning an application for correction: which answers may be named, how often, by how many officers, and which may then change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.applications.domain.form import Form, answers_of, changed_paths, paths, unanswered
from shared.kernel.errors import Conflict, Refused
from shared.kernel.money import Money
from shared.kernel.vocabulary import ApplicationState, SelectionMethod
from shared.policy.answers import Table
from shared.policy.form import FormDefinition
from shared.policy.schema import Policy

REPAIRABLE = (
    "language",
    "applicant.email", "applicant.street", "applicant.postcode", "applicant.town",
    "project.summary", "project.topics", "project.s3_field", "project.partner_region",
    "de_minimis", "extra",
)  # fmt: skip
"""What an application may be returned for where the policy has no list: how to reach the firm, how the project is described, and the
declaration of aid, a region's own questions. Neither money, nor who applies, nor what the project is."""
SUBSTANCE = (
    "costs", "firm",
    "applicant.name", "applicant.tax_number", "applicant.country", "applicant.nuts", "applicant.activity_code",
    "applicant.activity_revision", "applicant.owners",
    "project.title", "project.starts_on", "project.ends_on",
)  # fmt: skip
"""Money, identity and project: another application in all but its number."""


FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "costs.total_cost_minor": ("costs.requested_minor", "costs.own_contribution_minor", "costs.other_public_minor"),
    "costs.requested_minor": ("costs.own_contribution_minor",),
    "costs.own_contribution_minor": ("costs.requested_minor",),
    "costs.other_public_minor": ("costs.requested_minor", "costs.own_contribution_minor"),
    "project.starts_on": ("project.ends_on",),
    "project.ends_on": ("project.starts_on",),
    "applicant.activity_code": ("applicant.activity_revision",),
    "applicant.activity_revision": ("applicant.activity_code",),
    "applicant.country": ("applicant.nuts", "applicant.tax_number"),
    "applicant.tax_number": ("applicant.country",),
    "firm.public_control_bp": ("firm.exempt_holders",),
    "firm.exempt_holders": ("firm.public_control_bp",),
}
"""Answer → answers that have to agree with it: what follows from a corrected one may be corrected with it."""
_ONLY_LOWER = "costs.requested_minor"


def check_return(state: str, returns: int, fields: Sequence[str], policy: Policy, definition: FormDefinition) -> None:
    """Passes when an application in `state` may be returned for `fields` (paths of the form). `returns` counts the earlier returns.

    Raises `Conflict` 'wrong-state' or 'returned-too-often', `Refused` 'unknown-field' or 'not-repairable'.
    """
    if state != ApplicationState.SUBMITTED:
        raise Conflict("wrong-state", "The application is {state}.", state=state)
    most = policy.repair.max_count
    if returns >= most:
        raise Conflict("returned-too-often", "An application is returned at most {most} times.", most=most)
    known, allowed = {*paths(), *definition.by_id}, policy.repair.fields or REPAIRABLE
    for path in fields:
        if path not in known:
            raise Refused("unknown-field", "The form has no {path}.", field="fields", path=path)
        if not any(_within(path, one) for one in allowed):
            raise Refused("not-repairable", "An application is not returned for {path}.", field="fields", path=path, allowed=list(allowed))


def returnable(policy: Policy, definition: FormDefinition) -> list[str]:
    """The questions for which an application of the call may be returned, in the order of the form."""
    allowed = policy.repair.fields or REPAIRABLE
    return [question for question in definition.by_id if any(_within(question, one) for one in allowed)]


def needs_second_officer(fields: Iterable[str], closes_at: datetime, now: datetime) -> bool:
    """Money, identity and project are opened again after the call has closed by two officers only."""
    return now >= closes_at and any(_within(path, one) or _within(one, path) for path in fields for one in SUBSTANCE)


def check_correction(before: Form, after: Form, fields: Sequence[str], definition: FormDefinition) -> None:
    """`Refused` 'not-returned-for-this' when an answer outside `fields` has changed since the submission, `before`: after the call has
    closed, only the answers that an officer has named may be improved. A mandatory question that was not answered may be answered too,
    and one that is asked because of the correction. So may what has to agree with a named answer that has changed (`mendable`); the
    request is then only lowered."""
    asked_before = {question.id for question in definition.asked(answers_of(before))}
    new = {*unanswered(before, definition), *(one.id for one in definition.asked(answers_of(after)) if one.id not in asked_before)}
    changed = changed_paths(before, after)
    following = mendable((path for path in changed if any(_within(path, field) for field in fields)), definition)
    for path in changed:
        if path in new or any(_within(path, field) for field in fields):
            continue
        if path not in following or (path == _ONLY_LOWER and (after.costs.requested_minor or 0) > (before.costs.requested_minor or 0)):
            raise Refused("not-returned-for-this", "The application was returned only for {fields}.", field=path, fields=list(fields))


def mendable(fields: Iterable[str], definition: FormDefinition) -> frozenset[str]:
    """The questions of the form within `fields`, and those whose answers have to agree with theirs: parts of the cost with the cost, a
    table with the answer that is its sum."""
    given = set(fields)
    found = {question for question in definition.by_id if any(_within(question, field) for field in given)} | given
    waiting = list(found)
    while waiting:
        path = waiting.pop()
        more = {*FOLLOWS.get(path, ()), *_sum_partners(path, definition)} & definition.by_id.keys() - found
        found |= more
        waiting += more
    return frozenset(found)


def _sum_partners(path: str, definition: FormDefinition) -> list[str]:
    """The tables whose sum is this answer, and the answers that are sums of this table."""
    tables = [(one.id, total.equals) for one in definition.questions if isinstance(one.answer, Table) for total in one.answer.sums]
    return [other for table, equals in tables if equals for one, other in ((table, equals), (equals, table)) if one == path]


def loses_its_place(before: Form, after: Form, method: str, definition: FormDefinition) -> bool:
    """True when a first-come application has changed in substance: its place is that of the corrected application. An answer that was
    missing is no change: the question is new."""
    changed = set(changed_paths(before, after)) - set(unanswered(before, definition))
    return method == SelectionMethod.FIRST_COME and any(_within(path, one) for path in changed for one in SUBSTANCE)


def moves_back(before: Form, after: Form, policy: Policy, definition: FormDefinition) -> bool:
    """Whether a correction goes to the end of the queue. Where money is reserved at registration and a repair keeps it, it never does;
    then `Refused` 'above-registered' when it asks for more than was registered."""
    if policy.registration is None or not policy.registration.repair_keeps_place:
        return loses_its_place(before, after, policy.selection.method, definition)
    registered, asked = before.costs.requested_minor, after.costs.requested_minor
    if registered is not None and asked is not None and asked > registered:
        most = Money(registered, policy.currency)
        raise Refused(
            "above-registered",
            "{most} are reserved for this application since its registration. A correction may ask for less, not for more.",
            field="costs.requested_minor",
            most=most,
            most_minor=most.minor,
        )
    return False


def _within(path: str, part: str) -> bool:
    return path == part or path.startswith(part + ".")
