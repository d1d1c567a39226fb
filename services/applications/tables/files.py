"""Files of applications."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from services.applications.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.files.clamav import ScanState
from shared.privacy.sealed import seal_columns, sealed


class FileRow(Table, table=True):
    """A file that was given as an answer. Its content is in the store of files, under this id, encrypted with the key of the organisation;
    `sha256` is of the content, `stored_sha256` of what is in the store.

    `revision` is the first submission that names it. From `removed_at` on it is no longer part of the answer; a submitted version may still
    name it. From `deleted_at` on the content is to go from the store, and has gone once `gone`; its name goes at once.
    """

    __tablename__ = "files"
    __table_args__ = (
        Index("ix_files_application", "application_id"),
        Index("ix_files_to_delete", "id", postgresql_where="deleted_at IS NOT NULL AND NOT gone"),
        CheckConstraint("size_bytes > 0", name="ck_files_size"),
        CheckConstraint(one_of("scan", (ScanState.CLEAN, ScanState.UNSCANNED)), name="ck_files_scan"),  # an infected one is not kept
        # A name that stays when the content goes; a content without a name.
        CheckConstraint("(name IS NULL) = (deleted_at IS NOT NULL)", name="ck_files_name"),
        CheckConstraint("NOT gone OR deleted_at IS NOT NULL", name="ck_files_gone"),
        # What was never submitted goes as soon as it is removed.
        CheckConstraint("removed_at IS NULL OR revision IS NOT NULL OR deleted_at IS NOT NULL", name="ck_files_removed"),
        written_once(but="name revision removed_at deleted_at gone"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    organisation_id: UUID
    region: str
    question: str
    name: str | None = sealed(nullable=True)
    media_type: str
    size_bytes: int = Field(sa_type=BigInteger)
    sha256: str
    stored_sha256: str
    scan: str
    uploaded_by: str
    uploaded_at: datetime = Field(sa_type=INSTANT)
    revision: int | None = None
    removed_at: datetime | None = instant()
    deleted_at: datetime | None = instant()
    gone: bool = False


seal_columns(FileRow, subject="organisation_id")
