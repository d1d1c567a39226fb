"""The keys of data subjects: one for each organisation, or third party, of which this service's database holds something.

A key is stored encrypted ("wrapped") with the service's master key, which no database and no backup has. Where it is destroyed, all that it
encrypts is erased, in rows, in files of the database and in the memory of nobody: a key is never cached, but read with its rows.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Connection, FetchedValue, LargeBinary, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from shared.database.base import INSTANT, PlatformTable
from shared.database.privileges import written_once
from shared.database.sealing import Sealer, sealer_of

KEY_BYTES = 32
DESTROYED = b""
_IN_SESSION = "subject keys"


class SubjectKeyRow(PlatformTable, table=True):
    """The wrapped key of a subject, empty from `destroyed_at` (programme time) on. The row stays: a subject gets no second key."""

    __tablename__ = "subject_keys"
    __table_args__ = (
        CheckConstraint("(wrapped = '') = (destroyed_at IS NOT NULL)", name="ck_subject_keys_destroyed"),
        written_once(but="wrapped destroyed_at"),
    )

    subject_id: UUID = Field(primary_key=True)
    wrapped: bytes = Field(sa_type=LargeBinary)
    created_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
    destroyed_at: datetime | None = Field(default=None, sa_type=INSTANT)


_KNOWN = select(col(SubjectKeyRow.subject_id), col(SubjectKeyRow.wrapped)).where(
    col(SubjectKeyRow.subject_id).in_(bindparam("subjects", expanding=True))
)
_NEW = insert(SubjectKeyRow).on_conflict_do_nothing()


def unwrap(sealer: Sealer, wrapped: bytes, subject_id: UUID) -> bytes:
    """Raises `SealBroken`, also for the key of another subject."""
    return sealer.open(wrapped, _place(subject_id))


def wrapped_keys(connection: Connection, sealer: Sealer, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """The wrapped key of each subject, `DESTROYED` for an erased one; those that there are not yet are made.

    One round trip for known subjects. Of two transactions that make the key of a subject, the second waits for the first.
    """
    wanted = sorted(set(subjects))
    known: dict[UUID, bytes] = _read(connection, wanted)
    missing = [subject for subject in wanted if subject not in known]
    if missing:
        made = [{"subject_id": subject, "wrapped": _new_key(sealer, subject)} for subject in missing]
        connection.execute(_NEW, made)
        known |= _read(connection, missing)
    return known


def new_wrapped_key(session: AsyncSession, subject_id: UUID) -> bytes:
    """A key for a statement that stores it where the subject has none."""
    return _new_key(sealer_of(session), subject_id)


def _new_key(sealer: Sealer, subject_id: UUID) -> bytes:
    return sealer.seal(secrets.token_bytes(KEY_BYTES), _place(subject_id))


async def prepare_keys(session: AsyncSession, subjects: Iterable[UUID]) -> None:
    """For a command that adds rows of many subjects: reads or makes their keys in one go, and always in the same order, so that two
    such commands cannot wait for each other."""
    wanted = set(subjects)
    keys = await session.run_sync(lambda inner: wrapped_keys(inner.connection(), sealer_of(inner), wanted))
    prepared_keys(session).update(keys)


def prepared_keys(session: Any) -> dict[UUID, bytes]:
    """The keys that this transaction has read, for the rows that it writes. A key destroyed since then erases what it encrypts."""
    keys: dict[UUID, bytes] = session.info.setdefault(_IN_SESSION, {})
    return keys


async def destroy_key(session: AsyncSession, subject_id: UUID, now: datetime) -> None:
    """Erases what this database holds about the subject. Also for a subject without a key: it never gets one. Repeating changes nothing."""
    erased = {"wrapped": DESTROYED, "destroyed_at": now}
    write = insert(SubjectKeyRow).values(subject_id=subject_id, **erased)
    prepared_keys(session)[subject_id] = DESTROYED  # this transaction may have read it
    unless = col(SubjectKeyRow.destroyed_at).is_(None)
    await session.execute(write.on_conflict_do_update(index_elements=["subject_id"], set_=erased, where=unless))


async def is_destroyed(session: AsyncSession, subject_id: UUID) -> bool:
    row = await session.get(SubjectKeyRow, subject_id)
    return row is not None and row.destroyed_at is not None


async def rewrap_keys(session: AsyncSession) -> int:
    """Wraps with the newest master key what was wrapped with a former one; returns how many keys."""
    sealer, count = sealer_of(session), 0
    rows = await session.execute(
        select(col(SubjectKeyRow.subject_id), col(SubjectKeyRow.wrapped)).where(func.length(SubjectKeyRow.wrapped) > 0).with_for_update()
    )
    for subject_id, wrapped in rows.all():
        if not sealer.is_current(wrapped):
            new = sealer.seal(unwrap(sealer, wrapped, subject_id), _place(subject_id))
            await session.execute(update(SubjectKeyRow).where(col(SubjectKeyRow.subject_id) == subject_id).values(wrapped=new))
            count += 1
    return count


def _read(connection: Connection, subjects: list[UUID]) -> dict[UUID, bytes]:
    return {subject: bytes(wrapped) for subject, wrapped in connection.execute(_KNOWN, {"subjects": subjects}).all()}


def _place(subject_id: UUID) -> str:
    return f"subject_keys:{subject_id}"
