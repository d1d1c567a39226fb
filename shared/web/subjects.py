"""Export of all that a service holds about an organisation, for its applicants and for officers and auditors."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from shared.database.scope import in_scope
from shared.identity.permissions import Permission, Unowned
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.privacy.keys import is_destroyed
from shared.privacy.sealed import is_of_agency, tables_about_subjects
from shared.web.access_log import record_access
from shared.web.auth import api_router, requires


class SubjectView(BaseModel):
    """`tables`: the rows about the organisation, by table, in the regions that the reader may see. `erased`: what identifies it was erased,
    and is null."""

    service: str
    organisation_id: UUID
    erased: bool
    tables: dict[str, list[dict[str, Any]]]


def subject_router(service: str) -> APIRouter:
    """GET /subjects/{organisation_id}: its own for an applicant, those of their regions for officers and auditors.

    Score sheets and cases in evaluation name evaluators and what is not decided yet: the agency exports them, an applicant does not.
    `NotFound` 'unknown-subject' where the reader may see nothing, whatever is held.
    """
    router = api_router("subjects")

    @router.get("/subjects/{organisation_id}")
    async def read_subject(context: Annotated[Context, requires(Permission.EXPORT_SUBJECT)], organisation_id: UUID) -> SubjectView:
        about = tables_about_subjects(service)
        tables = {row.__tablename__: await _rows(context, row, subject, organisation_id) for row, subject in about.items()}
        regions = {str(row["region"]) for rows in tables.values() for row in rows}
        if not regions:
            raise NotFound("unknown-subject", "Nothing is held about this organisation.")
        await record_access(context, Permission.EXPORT_SUBJECT, [(organisation_id, region) for region in sorted(regions)])
        erased = await is_destroyed(context.session, organisation_id)
        return SubjectView(service=service, organisation_id=organisation_id, erased=erased, tables=tables)

    return router


async def _rows(context: Context, row: Any, subject: str, organisation_id: UUID) -> list[dict[str, Any]]:
    column = getattr(row, subject)
    owner = Unowned.NO_APPLICANT if is_of_agency(row) else column
    query = select(row).where(in_scope(context.actor, Permission.EXPORT_SUBJECT, None, row, owner=owner), col(column) == organisation_id)
    found = (await context.session.scalars(query)).all()
    return [to_jsonable_python(each.model_dump(), fallback=str) for each in found]
