"""Applications of a list: each row is submitted or refused independently."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.applications.domain.form import Form, read_form
from services.applications.domain.states import ImportOutcome
from services.applications.locks import lock_call, lock_organisations, read_call
from services.applications.steps.drafts import add_draft
from services.applications.steps.invitations import claim_invitation
from services.applications.steps.members import record_members
from services.applications.steps.submission import Submission, submit
from services.applications.tables import ApplicationRow, ImportRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Malformed, Refused
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.privacy.keys import prepare_keys


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of the list. `row_key` identifies it permanently. `form` holds JSON values, checked for each row alone."""

    row_key: str
    organisation_id: UUID
    form: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """`outcome` says whether the application was imported now or before."""

    row_key: str
    outcome: ImportOutcome
    application: ApplicationRow


@dataclass(frozen=True, slots=True)
class RefusedRow:
    row_key: str
    refusal: Refused


async def import_rows(context: Context, call_id: UUID, rows: Sequence[ListedRow]) -> list[Imported | RefusedRow]:
    """Creates and submits each row in a savepoint of its own, in their order; returns a result for each.

    A row key that was imported before gives its application again, or is refused 'row-key-reused' when the content differs.
    """
    authorise(context.actor, Permission.IMPORT_APPLICATIONS, region=(await read_call(context, call_id)).region)
    await lock_organisations(context, {row.organisation_id for row in rows})
    await lock_call(context, call_id)
    await take_part(context, Duty.IMPORT, call_id=call_id)
    await prepare_keys(context.session, (row.organisation_id for row in rows))
    results: list[Imported | RefusedRow] = []
    for row in rows:
        try:
            async with context.session.begin_nested():
                results.append(await _import_row(context, call_id, row))
        except Refused as refusal:
            results.append(RefusedRow(row.row_key, refusal))
    return results


async def _import_row(context: Context, call_id: UUID, row: ListedRow) -> Imported:
    content_hash = hashlib.sha256(json.dumps([str(row.organisation_id), row.form], sort_keys=True).encode()).hexdigest()
    imported = await context.session.get(ImportRow, (call_id, row.row_key))
    if imported is not None:
        if imported.content_hash != content_hash:
            raise Conflict("row-key-reused", "A row with this key was imported with other content.")
        application = await context.session.get_one(ApplicationRow, imported.application_id)
        return Imported(row.row_key, ImportOutcome.ALREADY_IMPORTED, application)

    form = _form_of(row)
    call = await lock_call(context, call_id)
    expression_id, form = await claim_invitation(context, call, row.organisation_id, form)
    try:
        application = add_draft(context, call, row.organisation_id, form, expression_id)
    except Malformed as error:
        place, kind, _ = error.faults[0]
        raise _invalid(place[1:], kind) from error
    await record_members(context, application, call)
    await submit(context, Submission(application, call, context.policies.get(call.policy_id), form, imported=True))
    await context.session.flush()
    context.session.add(ImportRow(call_id=call_id, row_key=row.row_key, content_hash=content_hash, application_id=application.id))
    return Imported(row.row_key, ImportOutcome.IMPORTED, application)


def _form_of(row: ListedRow) -> Form:
    try:
        return read_form(row.form)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        raise _invalid(fault["loc"], fault["type"]) from error


def _invalid(place: Sequence[str | int], kind: str) -> Refused:
    path, kind = ".".join(map(str, place)), kind.replace("_", "-")
    return Refused("invalid-form", "The answer {path} is not well-formed ({kind}).", field=path, path=path, kind=kind)
