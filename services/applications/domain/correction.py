"""Returning an application for correction: which answers may be named, how often, and which answers may then change."""

from collections.abc import Sequence

from services.applications.domain.form import Form, changed_paths, paths, unanswered
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import ApplicationState
from shared.policy.schema import Policy


def check_return(state: str, returns: int, fields: Sequence[str], policy: Policy) -> None:
    """Passes when an application in `state` may be returned for `fields` (paths of the form). `returns` counts the earlier returns.

    Raises `Conflict` 'wrong-state' or 'returned-too-often', `Refused` 'unknown-field'.
    """
    if state != ApplicationState.SUBMITTED:
        raise Conflict("wrong-state", "The application is {state}.", state=state)
    most = policy.repair.max_count
    if returns >= most:
        raise Conflict("returned-too-often", "An application is returned at most {most} times.", most=most)
    known = set(paths())
    for path in fields:
        if path not in known:
            raise Refused("unknown-field", "The form has no {path}.", field="fields", path=path)


def check_correction(before: Form, after: Form, fields: Sequence[str]) -> None:
    """`Refused` 'not-returned-for-this' when an answer outside `fields` has changed: after the call has closed, only the answers that
    an officer has named may be improved. A mandatory question that the form got after the submission may be answered too."""
    new = set(unanswered(before))
    for path in changed_paths(before, after):
        if path not in new and not any(path == field or path.startswith(field + ".") for field in fields):
            raise Refused("not-returned-for-this", "The application was returned only for {fields}.", field=path, fields=list(fields))
