"""Export of all that a service holds about an organisation, for its applicants and for officers and auditors, and whether it is erased."""

from datetime import datetime
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
from shared.privacy.keys import SubjectKeyRow, is_destroyed
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


class SubjectErasureView(BaseModel):
    """`erased_at`: when the key of the organisation was destroyed in this service; null while what identifies it can be read."""

    service: str
    organisation_id: UUID
    erased_at: datetime | None


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
            raise _nothing()
        await record_access(context, Permission.EXPORT_SUBJECT, [(organisation_id, region) for region in sorted(regions)])
        erased = await is_destroyed(context.session, organisation_id)
        return SubjectView(service=service, organisation_id=organisation_id, erased=erased, tables=tables)

    @router.get("/subjects/{organisation_id}/erasure")
    async def read_subject_erasure(
        context: Annotated[Context, requires(Permission.EXPORT_SUBJECT, only_reads=True)], organisation_id: UUID
    ) -> SubjectErasureView:
        """How far an erasure is here. Nothing about the organisation is read, so the access log has no entry. `NotFound` as above."""
        for row, subject in tables_about_subjects(service).items():
            query = select(col(getattr(row, subject))).where(*_visible(context, row, subject, organisation_id)).limit(1)
            if await context.session.scalar(query) is not None:
                key = await context.session.get(SubjectKeyRow, organisation_id)
                return SubjectErasureView(service=service, organisation_id=organisation_id, erased_at=key and key.destroyed_at)
        raise _nothing()

    return router


def _nothing() -> NotFound:
    return NotFound("unknown-subject", "Nothing is held about this organisation.")


def _visible(context: Context, row: Any, subject: str, organisation_id: UUID) -> tuple[Any, Any]:
    column = getattr(row, subject)
    owner = Unowned.NO_APPLICANT if is_of_agency(row) else column
    return in_scope(context.actor, Permission.EXPORT_SUBJECT, None, row, owner=owner), col(column) == organisation_id


async def _rows(context: Context, row: Any, subject: str, organisation_id: UUID) -> list[dict[str, Any]]:
    query = select(row).where(*_visible(context, row, subject, organisation_id))
    found = (await context.session.scalars(query)).all()
    return [to_jsonable_python(each.model_dump(), fallback=str) for each in found]
