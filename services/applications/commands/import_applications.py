"""An officer takes over a list of applications. Each row succeeds or is refused by itself."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.draft_application import add_draft
from services.applications.commands.lock_case import lock_call
from services.applications.commands.submit_application import Filing, hand_in
from services.applications.domain.form import Form, read_form
from services.applications.tables import ApplicationRow, ImportRow
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Refused
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook

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


async def import_applications(
    session: AsyncSession, cause: Cause, actor: Actor, book: PolicyBook, call_id: UUID, rows: Sequence[NewRow]
) -> list[RowResult]:
    """Creates and submits each row in a savepoint of its own, in their order. A row key taken before gives the application that
    came of it, or is refused 'row-changed' when the row differs."""
    authorise(actor, Permission.IMPORT_APPLICATIONS, region=(await lock_call(session, call_id)).region)
    results = []
    for row in rows:
        try:
            async with session.begin_nested():
                results.append(await _import_row(session, cause, book, call_id, row))
        except Refused as refusal:
            results.append(RowResult(row_key=row.row_key, outcome="refused", code=refusal.code, detail=refusal.detail, field=refusal.field))
    return results


async def _import_row(session: AsyncSession, cause: Cause, book: PolicyBook, call_id: UUID, row: NewRow) -> RowResult:
    mark = hashlib.sha256(json.dumps([str(row.organisation_id), row.form], sort_keys=True).encode()).hexdigest()
    known = await session.get(ImportRow, (call_id, row.row_key))
    if known is not None:
        if known.content_hash != mark:
            raise Conflict("row-changed", "A row with this key was imported with other content.")
        return _result(row, "already-imported", await session.get_one(ApplicationRow, known.application_id))

    form = _form_of(row)
    call = await lock_call(session, call_id)
    application = add_draft(session, cause, call, row.organisation_id, form)
    filing = Filing(application, call, book.get(call.policy_id), form)
    await hand_in(session, cause, filing, regions={policy.region for policy in book.all()})
    await session.flush()
    session.add(ImportRow(call_id=call_id, row_key=row.row_key, content_hash=mark, application_id=application.id))
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
