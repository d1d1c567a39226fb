"""Policies and forms that were published while the platform runs: each service keeps them in its own database, and each of its processes
learns them from there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, col

from shared.database.base import INSTANT, PlatformTable
from shared.database.engine import Sessions
from shared.database.privileges import written_once
from shared.database.scheme_file import SchemeFileColumns
from shared.messaging.restart_forever import restart_forever
from shared.policy.loader import LoadError
from shared.policy.resolver import PolicyBook
from shared.policy.scheme_files import SchemeFileKind, read_scheme_file

log = structlog.get_logger()
PAUSE_SECONDS, FIRST_SECONDS = 2.0, 5.0
UNKNOWN = frozenset({"unknown-policy", "unknown-form"})
"""Refusals of an event whose rules have not arrived here yet."""


class SchemeFileRow(SchemeFileColumns, PlatformTable, table=True):
    """One published policy or form, as its text. Rows are only added: cases are pinned to what they say."""

    __tablename__ = "scheme_files"
    __table_args__ = (
        # Two policies of one scheme that hold from the same day.
        UniqueConstraint("kind", "region", "scheme", "effective_from", name="uq_scheme_files_first_day"),
        written_once(),
    )

    published_at: datetime = Field(sa_type=INSTANT)


class SchemeFiles:
    """Those of one service, for the book of one process."""

    def __init__(self, service: str, sessions: Sessions, book: PolicyBook) -> None:
        self._service, self._sessions, self._book = service, sessions, book
        self._seen: set[UUID] = set()

    async def refresh(self) -> bool:
        """Whether the book has learned something. A row that this release cannot read is logged, and left out."""
        async with self._sessions() as session:
            query = select(SchemeFileRow).order_by(col(SchemeFileRow.effective_from))
            rows = (await session.scalars(query.where(col(SchemeFileRow.id).not_in(self._seen)) if self._seen else query)).all()
        learned = False
        for row in rows:
            try:
                learned |= self._book.learn(read_scheme_file(SchemeFileKind(row.kind), row.text, self._book.cores))
            except (LoadError, ValueError) as error:
                log.error("published file cannot be used", service=self._service, file=str(row.id), error=str(error)[:500])
            self._seen.add(row.id)
        return learned

    async def run(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(PAUSE_SECONDS)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """The book is kept up to date while the block runs; at its beginning it is, unless the database does not answer."""
        with suppress(OSError, TimeoutError, DBAPIError):
            await asyncio.wait_for(self.refresh(), FIRST_SECONDS)
        task = asyncio.create_task(restart_forever(self.run, "scheme files", self._service))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
