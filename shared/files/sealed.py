"""The content of a file, encrypted with the key of its subject: who has the store alone reads nothing, and erasure of the key erases it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sealing import SealBroken, decrypt, encrypt, sealer_of
from shared.privacy.keys import DESTROYED, prepare_keys, prepared_keys, unwrap
from shared.privacy.sealed import subject_erased

_FORMAT = b"\x01"


async def seal_content(session: AsyncSession, subject_id: UUID, place: Iterable[UUID], content: bytes) -> bytes:
    """`place`: the ids of the file and of its case; elsewhere it cannot be opened. `Conflict` 'subject-erased'."""
    key = await _key_of(session, subject_id)
    if key is None:
        raise subject_erased()
    return _FORMAT + encrypt(key, content, _text(place, subject_id))


async def open_content(session: AsyncSession, subject_id: UUID, place: Iterable[UUID], stored: bytes) -> bytes | None:
    """None when the key was destroyed. Raises `SealBroken`."""
    key = await _key_of(session, subject_id)
    if stored[:1] != _FORMAT:
        raise SealBroken("a file is stored in an unknown format")
    return None if key is None else decrypt(key, stored[1:], _text(place, subject_id))


async def _key_of(session: AsyncSession, subject_id: UUID) -> bytes | None:
    await prepare_keys(session, [subject_id])
    wrapped = prepared_keys(session)[subject_id]
    return None if wrapped == DESTROYED else unwrap(sealer_of(session), wrapped, subject_id)


def _text(place: Iterable[UUID], subject_id: UUID) -> str:
    return ":".join(["files", *map(str, place), str(subject_id)])
