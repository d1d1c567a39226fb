"""An officer takes over a list of applications. Each row succeeds or is refused by itself."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.applications.commands.draft_application import add_draft
from services.applications.commands.submit_application import Filing, hand_in
from services.applications.domain.form import Form, read_form
from services.applications.locks import lock_call
from services.applications.tables import ApplicationRow, ImportRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.messaging.context import Context

MAX_ROWS = 100


class NewRow(BaseModel):
    """`row_key` names the row in its list, for good. `form` is checked on its own, so that one bad row refuses no other."""

    model_config = ConfigDict(extra="forbid")

    row_key: str = Field(min_length=1, max_length=120, pattern="^[!-~]+$")
    organisation_id: UUID
    form: dict[str, Any]


class RowResult(BaseModel):
    """`receipt` of what was imported, now or before; `code`, `detail` and `field` of what was refused."""

    row_key: str
    outcome: Literal["imported", "refused", "already-imported"]
    application_id: UUID | None = None
    receipt: str | None = None
    code: str | None = None
    detail: str | None = None
    field: str | None = None


async def import_applications(context: Context, call_id: UUID, rows: Sequence[NewRow]) -> list[RowResult]:
    """Creates and submits each row in a savepoint of its own, in their order. A row key taken before gives the application that
    came of it, or is refused 'row-changed' when the row differs."""
    authorise(context.actor, Permission.IMPORT_APPLICATIONS, region=(await lock_call(context, call_id)).region)
    results = []
    for row in rows:
        try:
            async with context.session.begin_nested():
                results.append(await _import_row(context, call_id, row))
        except Refused as refusal:
            results.append(RowResult(row_key=row.row_key, outcome="refused", code=refusal.code, detail=refusal.detail, field=refusal.field))
    return results


async def _import_row(context: Context, call_id: UUID, row: NewRow) -> RowResult:
    mark = hashlib.sha256(json.dumps([str(row.organisation_id), row.form], sort_keys=True).encode()).hexdigest()
    known = await context.session.get(ImportRow, (call_id, row.row_key))
    if known is not None:
        if known.content_hash != mark:
            raise Conflict("row-changed", "A row with this key was imported with other content.")
        return _result(row, "already-imported", await context.session.get_one(ApplicationRow, known.application_id))

    form = _form_of(row)
    call = await lock_call(context, call_id)
    application = add_draft(context, call, row.organisation_id, form)
    filing = Filing(application, call, context.policies.get(call.policy_id), form)
    await hand_in(context, filing, regions={policy.region for policy in context.policies.all()})
    await context.session.flush()
    context.session.add(ImportRow(call_id=call_id, row_key=row.row_key, content_hash=mark, application_id=application.id))
    return _result(row, "imported", application)


def _form_of(row: NewRow) -> Form:
    try:
        return read_form(row.form)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in fault["loc"])
        raise Refused("invalid-form", f"{field}: {fault['type'].replace('_', ' ')}.", field=field) from error


def _result(row: NewRow, outcome: Literal["imported", "already-imported"], application: ApplicationRow) -> RowResult:
    return RowResult(row_key=row.row_key, outcome=outcome, application_id=application.id, receipt=application.receipt)
