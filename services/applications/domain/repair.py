"""Returning a file to be mended: what may be named, how often, and what may be changed."""

from collections.abc import Sequence

from services.applications.domain.form import Form, changed_paths, paths
from shared.kernel.errors import Conflict, Refused
from shared.policy.schema import Policy


def check_return(state: str, returns: int, fields: Sequence[str], policy: Policy) -> None:
    """`returns` counts the earlier ones."""
    if state != "submitted":
        raise Conflict("wrong-state", f"The application is {state}.", state=state)
    if returns >= policy.repair.max_count:
        raise Conflict("returned-too-often", f"A file is returned at most {policy.repair.max_count} times.")
    known = set(paths())
    for field in fields:
        if field not in known:
            raise Refused("unknown-field", f"The form has no {field}.", field="fields")


def check_mended(before: Form, after: Form, fields: Sequence[str]) -> None:
    """After the call has closed nobody improves what was not complained about."""
    for path in changed_paths(before, after):
        if not any(path == field or path.startswith(field + ".") for field in fields):
            raise Refused("not-returned-for-this", f"The file was returned for {', '.join(fields)}.", field=path)
