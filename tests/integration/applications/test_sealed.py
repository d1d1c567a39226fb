"""Encrypted columns: what the database holds, what cannot be moved, what erasure and new master keys leave. On the form of applications."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text, update
from sqlmodel import col

from services.applications.tables import ApplicationRow, FormVersionRow
from shared.database import Sessions, sessions_of
from shared.database.sealing import SealBroken, Sealer
from shared.kernel.errors import Conflict
from shared.privacy.keys import SubjectKeyRow, destroy_key, is_destroyed
from shared.privacy.sealed import Sealed, seal_again, write_values
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, FIRM, OTHER_FIRM, applicant
from tests.support.stored import assert_nowhere

VERSION = {
    "revision": 9,
    "sequence": 1,
    "region": "be-kortrijk",
    "form": {},
    "changed": [],
    "rewritten": [],
    "submitted_at": datetime(2026, 1, 1, tzinfo=UTC),
}
NAME, TITLE = "Marker Studio Ltd", "A marker of a title"


@pytest_asyncio.fixture(autouse=True)
async def application_id(desk: Desk, call_id: str) -> str:
    return await desk.submitted(call_id, FIRM, applicant__name=NAME, project__title=TITLE)


def sessions(desk: Desk, sealer: Sealer | None) -> Sessions:
    return sessions_of(desk.sessions.kw["bind"], sealer)


async def erase(desk: Desk, organisation: UUID) -> None:
    async with desk.sessions.begin() as session:
        await destroy_key(session, organisation, desk.clock.instant)


async def test_erasure_holds_in_its_own_transaction(desk: Desk, application_id: str) -> None:
    """Also for rows that were read before it: their key is remembered until the commit."""
    async with desk.sessions() as session:
        row = await session.get_one(ApplicationRow, UUID(application_id))
        await destroy_key(session, row.organisation_id, desk.clock.instant)
        session.add(FormVersionRow(**{**VERSION, "application_id": row.id, "organisation_id": row.organisation_id}))
        with pytest.raises(Conflict, match="erased"):
            await session.flush()


async def test_values_written_by_a_statement_are_encrypted(desk: Desk, call_id: str) -> None:
    """By the key and for the place of the row, so that they are read as if a flush had written them; nothing of an erased subject."""
    draft = UUID((await desk.draft(call_id, FIRM))["id"])
    async with desk.sessions.begin() as session:
        row = await session.get_one(ApplicationRow, draft)
        await write_values(session, row, {"title": "A hidden title", "requested_minor": 7})
        assert not session.dirty
    async with desk.sessions() as session:
        row = await session.get_one(ApplicationRow, draft)
        assert (row.title, row.requested_minor) == ("A hidden title", 7)
    await assert_nowhere(desk.sessions, "A hidden title")
    await erase(desk, FIRM)
    async with desk.sessions() as session:
        row = await session.get_one(ApplicationRow, draft)
        with pytest.raises(Conflict, match="erased"):
            await write_values(session, row, {"title": "Another"})


async def test_database_holds_no_answer_in_clear(desk: Desk, application_id: str) -> None:
    await desk.return_for(application_id, ["project.summary"])
    seen = await desk.request(applicant(), "GET", f"/applications/{application_id}")
    assert (seen["form"]["applicant"]["name"], seen["title"], seen["return_note"]) == (NAME, TITLE, "More, please.")
    assert seen["return_words"] == {"project.summary": "Which ones?"}
    await assert_nowhere(desk.sessions, NAME, TITLE, "More, please.", "Which ones?")


@pytest.mark.parametrize("move", ["form = other.title", "form = other.form", "title = other.title"])
async def test_value_in_another_place_is_refused(desk: Desk, call_id: str, application_id: str, move: str) -> None:
    """Of another column of the same row, and of another row of the same organisation. The row is a draft: no other form can be changed."""
    other, application_id = application_id, (await desk.draft(call_id, FIRM))["id"]
    source = application_id if "form = other.title" in move else other
    async with desk.sessions.begin() as session:
        statement = text(f"UPDATE applications SET {move} FROM applications AS other WHERE applications.id = :id AND other.id = :source")
        await session.execute(statement, {"id": application_id, "source": source})
    async with desk.sessions() as session:
        with pytest.raises(SealBroken):
            await session.get_one(ApplicationRow, UUID(application_id))


async def test_key_of_another_subject_is_refused(desk: Desk, call_id: str, application_id: str) -> None:
    await desk.draft(call_id, OTHER_FIRM)
    async with desk.sessions.begin() as session:
        keys = {row.subject_id: row for row in await session.scalars(select(SubjectKeyRow))}
        keys[FIRM].wrapped = keys[OTHER_FIRM].wrapped
    async with desk.sessions() as session:
        with pytest.raises(SealBroken):
            await session.get_one(ApplicationRow, UUID(application_id))


async def test_plain_value_cannot_be_written_by_a_statement(desk: Desk, application_id: str) -> None:
    async with desk.sessions() as session:
        for statement in (insert(ApplicationRow).values(title=TITLE), update(ApplicationRow).values(title=TITLE)):
            with pytest.raises(Exception, match="a plain value for an encrypted column"):
                await session.execute(statement)
        shown = await session.scalar(select(col(ApplicationRow.title)))
        assert isinstance(shown, Sealed)
        assert TITLE not in f"{shown} {shown!r}"


async def test_update_of_other_columns_keeps_the_values(desk: Desk, application_id: str) -> None:
    """Also where SQLAlchemy carries the statement over to the row in memory."""
    async with desk.sessions.begin() as session:
        row = await session.get_one(ApplicationRow, UUID(application_id))
        await session.execute(update(ApplicationRow).where(col(ApplicationRow.id) == row.id).values(returns=1))
        assert (row.returns, row.title) == (1, TITLE)
        row.returns = 0
    assert (await desk.read(application_id))["title"] == TITLE


async def test_session_without_keys_reads_and_writes_nothing(desk: Desk, application_id: str) -> None:
    async with sessions(desk, None)() as session:
        row = await session.get_one(ApplicationRow, UUID(application_id))
        assert isinstance(row.form, Sealed)
        row.title = TITLE
        with pytest.raises(SealBroken):
            await session.flush()
    async with sessions(desk, Sealer([b"\x01" * 32]))() as session:
        with pytest.raises(SealBroken):
            await session.get_one(ApplicationRow, UUID(application_id))


async def test_erased_subject_reads_as_null_not_as_an_error(desk: Desk, call_id: str, application_id: str) -> None:
    other = await desk.submitted(call_id, OTHER_FIRM)
    await erase(desk, FIRM)
    await erase(desk, FIRM)
    seen = await desk.read(application_id)
    assert (seen["erased"], seen["form"], seen["title"], seen["return_note"], seen["missing"]) == (True, None, None, None, [])
    listed = await desk.request(AUDITOR, "GET", "/applications")
    assert {(item["id"], item["erased"], item["title"] is None) for item in listed["items"]} == {
        (application_id, True, True),
        (other, False, False),
    }
    await desk.request(applicant(), "GET", f"/applications/{application_id}/eligibility")
    await desk.withdraw(application_id, FIRM)  # the state of an erased application still changes


async def test_nothing_new_is_stored_of_an_erased_subject(desk: Desk, call_id: str) -> None:
    draft = (await desk.draft(call_id, FIRM))["id"]
    await erase(desk, FIRM)
    await erase(desk, OTHER_FIRM)  # of which nothing was known
    for organisation in (FIRM, OTHER_FIRM):
        assert (await desk.draft(call_id, organisation, 409))["code"] == "subject-erased"
    assert (await desk.change(draft, FIRM, 409))["code"] == "subject-erased"
    async with desk.sessions() as session:
        assert await is_destroyed(session, FIRM)


async def test_new_master_key_wraps_keys_again(desk: Desk, application_id: str) -> None:
    old, new = bytes(32), b"\x02" * 32
    async with sessions(desk, Sealer([new, old])).begin() as session:
        await seal_again(session, "applications")
    async with sessions(desk, Sealer([new]))() as session:
        assert (await session.get_one(ApplicationRow, UUID(application_id))).title == TITLE
    async with desk.sessions() as session:
        with pytest.raises(SealBroken):
            await session.get_one(ApplicationRow, UUID(application_id))


async def test_values_from_before_are_read_and_then_encrypted(desk: Desk, application_id: str) -> None:
    plain = text("UPDATE applications SET title = '\\x00'::bytea || convert_to(to_jsonb(CAST(:title AS varchar))::text, 'UTF8')")
    async with desk.sessions.begin() as session:
        await session.execute(plain, {"title": TITLE})
    assert (await desk.read(application_id))["title"] == TITLE
    with pytest.raises(AssertionError):
        await assert_nowhere(desk.sessions, TITLE)
    async with desk.sessions.begin() as session:
        await seal_again(session, "applications")
    await assert_nowhere(desk.sessions, TITLE)
    assert (await desk.read(application_id))["title"] == TITLE
