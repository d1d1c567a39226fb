"""Where files are kept: objects under ids of ours, in a folder or at a cloud provider, by one address.

'file:///folder', 's3://bucket/prefix', 'az://container/prefix' or 'gs://bucket/prefix'; credentials come from the variables of the provider
(AWS_..., AZURE_..., GOOGLE_...). An object is written whole or not at all, never changed, and encrypted before it gets here.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from obstore.exceptions import BaseError
from obstore.store import from_url

from shared.kernel.errors import Unavailable

ANSWER = timedelta(seconds=20)
"""Of a provider, all tries together: less than a transaction may wait (`shared/database/engine.py`)."""
_RETRIES: Any = {"max_retries": 3, "retry_timeout": ANSWER}
_CLIENT: Any = {"timeout": ANSWER}
SCHEMES = ("file", "s3", "az", "gs")
DELETION_LOCK = "hashtextextended('files of applications', 0)"
"""Of an advisory lock in the database that names the objects. Who copies both holds it, so that nothing goes that the copy of the database
names; who deletes an object shares it."""


def address_of_store(address: str) -> str:
    """ValueError for an address of no known kind."""
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or not (parts.path if parts.scheme == "file" else parts.netloc):
        raise ValueError(f"the address of the files begins with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    return address


def name_of(file_id: UUID) -> str:
    """Folders of 256 names: '3f/0198...3f'."""
    return f"{file_id.hex[-2:]}/{file_id}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`file_id` is None for an object that is none of ours. `written_at` is real time."""

    name: str
    file_id: UUID | None
    written_at: datetime


class FileStore:
    """Every method raises `Unavailable` when the store does not answer."""

    def __init__(self, address: str) -> None:
        self._folder = _folder_of(address_of_store(address))
        self._store: Any = from_url(address) if self._folder else from_url(address, retry_config=_RETRIES, client_options=_CLIENT)

    async def put(self, file_id: UUID, content: bytes) -> None:
        """What there is under this id is replaced: a repetition after a crash has the same id and another encryption."""
        with _answering():
            await self._store.put_async(name_of(file_id), content)
            if self._folder:
                await asyncio.to_thread(_to_disk, self._folder / name_of(file_id), self._folder)

    async def get(self, file_id: UUID) -> bytes | None:
        """None when there is no such object."""
        with _answering():
            try:
                found = await self._store.get_async(name_of(file_id))
            except FileNotFoundError:
                return None
            return bytes(await found.bytes_async())

    async def delete(self, name: str) -> None:
        """Deleting twice changes nothing."""
        with _answering(), suppress(FileNotFoundError):
            await self._store.delete_async(name)

    async def objects(self) -> AsyncIterator[StoredObject]:
        with _answering():
            async for page in self._store.list():
                for meta in page:
                    yield StoredObject(meta["path"], _id_in(meta["path"]), meta["last_modified"])


def _folder_of(address: str) -> Path | None:
    """The folder of a local store, which is made where it is missing."""
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    folder = Path(unquote(parts.path))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _to_disk(path: Path, root: Path) -> None:
    """The content and the names of file and folder outlive a power cut."""
    for place in (path, path.parent, root):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _id_in(name: str) -> UUID | None:
    with suppress(ValueError):
        file_id = UUID(name.rpartition("/")[2])
        return file_id if name == name_of(file_id) else None
    return None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise Unavailable("the store of files does not answer") from error
