"""The access log: who read whose data, for which purpose, when. The database refuses to change or delete a line.

A line has pseudonyms, ids and words only. Reading what belongs to the reader's own organisation is no line. A list is one for each thing
that it shows personal data of, and none where it shows states and amounts only.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, Identity, Index, insert, select
from sqlmodel import Field, col

from shared.database.base import INSTANT, PlatformTable
from shared.database.privileges import written_once
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, acts_as_applicant
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging, Sorting, page_of


class Shown(StrEnum):
    """BLIND: an application without what identifies the applicant. FILE: the content of a file.
    LISTED: title and name in a list."""

    WHOLE = "whole"
    BLIND = "blind"
    FILE = "file"
    LISTED = "listed"


class AccessRow(PlatformTable, table=True):
    """`subject_id` is what was read: application, file, payee or batch; `permission` is the one that was used, `at` programme time."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_subject", "subject_id", "position"),
        Index("ix_access_log_reader", "reader", "position"),
        Index("ix_access_log_region", "region", "position"),
        written_once(),
    )

    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    reader: str
    subject_id: UUID
    region: str
    permission: str
    shown: str
    at: datetime = Field(sa_type=INSTANT)


class AccessView(BaseModel):
    position: int
    reader: str
    subject_id: UUID
    region: str
    permission: str
    shown: str
    at: datetime


_INSERT = insert(AccessRow)
ACCESSES = Sorting({"position": AccessRow.position}, unique=AccessRow.position, default="-position")


async def record_access(context: Context, permission: Permission, subjects: Iterable[tuple[UUID, str]], shown: Shown = Shown.WHOLE) -> None:
    """Writes a line for each (id, region) in the transaction of the request: no line, no answer."""
    common = {"reader": context.actor.id, "permission": permission.value, "shown": shown.value, "at": context.now}
    lines = [
        {**common, "subject_id": subject_id, "region": region}
        for subject_id, region in subjects
        if not acts_as_applicant(context.actor, permission, region)
    ]
    if lines:
        await context.session.execute(_INSERT, lines)


def access_router() -> APIRouter:
    """GET /accesses, for auditors."""
    router = api_router("accesses")

    @router.get("/accesses")
    async def list_accesses(
        context: Annotated[Context, requires(Permission.READ_ACCESS_LOG)],
        paging: Annotated[Paging, Depends(ACCESSES)],
        region: str | None = None,
        subject_id: UUID | None = None,
        reader: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Page[AccessView]:
        query = select(AccessRow).where(in_scope(context.actor, Permission.READ_ACCESS_LOG, region, AccessRow))
        if subject_id is not None:
            query = query.where(col(AccessRow.subject_id) == subject_id)
        if reader is not None:
            query = query.where(col(AccessRow.reader) == reader)
        return await page_of(context.session, query, paging, lambda row: AccessView.model_validate(row.model_dump()))

    return router
