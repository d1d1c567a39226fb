"""Sessions and attempts in the database. Times are real time, of a clock that is passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import bindparam, delete, select, text, update
from sqlmodel import col

from portal.sessions.tables import AttemptRow, SessionRow
from portal.sessions.vault import close, new_cookie, open_, row_of
from shared.database.engine import Sessions as Connections

IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)
"""A session ends after an hour without a request, and twelve hours after the sign-in, as the sign-in itself."""
KNOWN = timedelta(days=7)
"""So long it is known that a session has ended: what its browser then sends of a form is kept over the next sign-in. Of a browser without
one nothing is kept, so that nobody fills the database."""
ATTEMPT = timedelta(minutes=15)
_NOTED_AFTER = timedelta(minutes=1)
"""`seen_at` is written once a minute at most."""


class Session(BaseModel):
    """`renewal`: renews access tokens at `people`. `organisation`: for whom the person acts; None: with the roles of the agency.
    `access_until`: seconds since 1970. `kept`: path → what was typed into a form there when the session before had ended. `before`: form
    token of the session that this browser had before; what its pages still send is shown again, and changes nothing."""

    model_config = ConfigDict(frozen=True)

    person_id: UUID
    sign_in_id: UUID
    name: str
    renewal: str
    id_token: str
    access: str
    access_until: float
    organisation: UUID | None = None
    language: str = "en"
    kept: dict[str, list[tuple[str, str]]] = {}
    before: str = ""


class Attempt(BaseModel):
    """A sign-in that has begun. `next`: the path to go to afterwards. `kept`: what was typed there."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    origin: str
    next: str
    kept: list[tuple[str, str]] = []


_KEPT = select(col(SessionRow.content), col(SessionRow.seen_at), col(SessionRow.ends_at)).where(col(SessionRow.id) == bindparam("session"))


class Store:
    """Each statement may stand alone, so connections may be in autocommit: that saves two round trips a page."""

    def __init__(self, connections: Connections, now: Callable[[], datetime]) -> None:
        self._connections, self.now = connections, now

    async def begin(self, session: Session) -> str:
        """The cookie of a new session. What has ended is removed on this occasion."""
        cookie, now = new_cookie(), self.now()
        row = SessionRow(id=row_of(cookie), content=_closed(cookie, session), seen_at=now, ends_at=now + LONGEST)
        async with self._connections.begin() as database:
            await database.execute(delete(SessionRow).where(col(SessionRow.ends_at) < now - KNOWN))
            database.add(row)
        return cookie

    async def has_ended(self, cookie: str) -> bool:
        """Whether this is the cookie of a session that `find` finds no more."""
        async with self._connections.begin() as database:
            return await database.get(SessionRow, row_of(cookie)) is not None

    async def find(self, cookie: str, *, noted: bool = True) -> Session | None:
        """The session of a cookie while it lasts. Being found keeps it from ending, if it is `noted`."""
        now = self.now()
        async with self._connections.begin() as database:
            row = (await database.execute(_KEPT, {"session": row_of(cookie)})).one_or_none()
            if row is None or not row.content or row.ends_at <= now or row.seen_at <= now - IDLE:
                return None
            if noted and row.seen_at < now - _NOTED_AFTER:
                await database.execute(update(SessionRow).where(col(SessionRow.id) == row_of(cookie)).values(seen_at=now))
        content = open_(cookie, row.content)
        return Session.model_validate_json(content) if content else None

    async def change(self, cookie: str, session: Session) -> None:
        async with self._connections.begin() as database:
            change = update(SessionRow).where(col(SessionRow.id) == row_of(cookie))
            await database.execute(change.values(content=_closed(cookie, session)))

    async def end(self, cookie: str) -> None:
        """Nothing of the session is left but that it was there (`has_ended`)."""
        async with self._connections.begin() as database:
            await database.execute(update(SessionRow).where(col(SessionRow.id) == row_of(cookie)).values(content=b""))

    async def remember(self, attempt: Attempt, session: str = "") -> str:
        """The cookie of an attempt. `session`: the cookie of the one that has ended, of which the newest attempt alone is kept. What is
        over is removed on this occasion."""
        cookie, of, now = new_cookie(), row_of(session) if session else None, self.now()
        row = AttemptRow(id=row_of(cookie), session=of, content=_closed(cookie, attempt), ends_at=now + ATTEMPT)
        async with self._connections.begin() as database:
            await database.execute(delete(AttemptRow).where(col(AttemptRow.ends_at) < now))
            if of is not None:  # else `session IS NULL` would take the attempts of all others
                await database.execute(delete(AttemptRow).where(col(AttemptRow.session) == of))
            database.add(row)
        return cookie

    async def take(self, cookie: str) -> Attempt | None:
        """The attempt of a cookie, once."""
        query = delete(AttemptRow).where(col(AttemptRow.id) == row_of(cookie)).returning(col(AttemptRow.content), col(AttemptRow.ends_at))
        async with self._connections.begin() as database:
            found = (await database.execute(query)).one_or_none()
        content = open_(cookie, found[0]) if found and found[1] > self.now() else None
        return Attempt.model_validate_json(content) if content else None

    async def check(self) -> None:
        """Raises when the database does not answer."""
        async with self._connections.begin() as database:
            await database.execute(select(text("1")))


def _closed(cookie: str, content: BaseModel) -> bytes:
    return close(cookie, content.model_dump_json().encode())
