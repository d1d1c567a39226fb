"""A policy or a form of a scheme that is published while the platform runs."""

from uuid import UUID

from services.applications.domain.scheme_files import publication_faults
from services.applications.domain.states import SchemeFileState
from services.applications.queries.scheme_files import today_in
from services.applications.tables import SchemeFileProposalRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.messaging.context import Context
from shared.policy.loader import LoadError
from shared.policy.scheme_files import LARGEST_BYTES, SchemeFile, SchemeFileKind, read_scheme_file


def read_proposed(context: Context, kind: SchemeFileKind, text: str) -> SchemeFile:
    """`Refused` 'scheme-file-too-large', or 'scheme-file-wrong' with the first line of what is wrong."""
    if len(text.encode()) > LARGEST_BYTES:
        raise Refused("scheme-file-too-large", "The file is larger than {largest} bytes.", field="text", largest=LARGEST_BYTES)
    try:
        return read_scheme_file(kind, text, context.policies.cores)
    except LoadError as error:
        raise _wrong(str(error).splitlines()) from error


def check_publishable(context: Context, found: SchemeFile) -> None:
    """`Refused` 'scheme-file-wrong'."""
    if faults := list(publication_faults(found, context.policies, today_in(context, found.region))):
        raise _wrong(faults)


def _wrong(faults: list[str]) -> Refused:
    return Refused("scheme-file-wrong", "The file cannot be published: {faults}", field="text", faults="; ".join(faults[:20]))


async def lock_proposal(context: Context, proposal_id: UUID) -> SchemeFileProposalRow:
    """The one that waits, locked. `NotFound` 'unknown-scheme-file'; `Conflict` 'scheme-file-decided'."""
    row = await context.session.get(SchemeFileProposalRow, proposal_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("unknown-scheme-file", "There is no such policy or form to publish.")
    authorise(context.actor, Permission.MANAGE_CALLS, region=row.region)
    if row.state != SchemeFileState.SUBMITTED:
        raise Conflict("scheme-file-decided", "This was decided already. Read it again.")
    return row
