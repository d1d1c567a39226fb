"""The list of erasures outside the database: a restored database is older than some of them, and has the destroyed keys again.

Each service has a file of ids beside the anchors of the hash chains, which a restore leaves as it is. The worker writes it, and
destroys the keys that are listed whenever it starts.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from shared.database.engine import Sessions
from shared.privacy.keys import SubjectKeyRow, destroy_key


class ErasureList:
    """`now` is programme time."""

    def __init__(self, service: str, sessions: Sessions, folder: Path, now: Callable[[], datetime]) -> None:
        self.sessions, self.file, self.now = sessions, folder / f"{service}.erased", now

    async def write(self) -> int:
        """Adds the erasures that the file lacks; returns how many."""
        async with self.sessions() as session:
            erased = await session.scalars(select(col(SubjectKeyRow.subject_id)).where(col(SubjectKeyRow.destroyed_at).is_not(None)))
            missing = sorted(set(erased) - self._listed())
        if missing:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a") as file:
                file.writelines(f"{subject}\n" for subject in missing)
        return len(missing)

    async def repeat(self) -> None:
        """Destroys the keys of all listed subjects. What is erased already is not changed."""
        async with self.sessions.begin() as session:
            for subject in sorted(self._listed()):
                await destroy_key(session, subject, self.now())

    def _listed(self) -> set[UUID]:
        return {UUID(line) for line in self.file.read_text().split()} if self.file.exists() else set()
