"""What is kept of files, who reads it, and when it goes."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from services.applications.tables import FileRow
from shared.contracts.applications import ApplicantJoined, CallPublished
from shared.contracts.evaluation import EvaluatorAssigned, EvaluatorDeclared, EvaluatorRecused
from shared.files.store import DELETION_LOCK, name_of
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import new_id
from shared.policy.resolver import PolicyBook
from shared.privacy.keys import destroy_key
from simulation.sample_files import sample_pdf
from tests.integration.applications.conftest import Desk
from tests.integration.applications.test_files import deleting, draft, listed
from tests.support.applications import (
    AUDITOR,
    BOOK,
    CLOSES,
    FIRM,
    HERE,
    OFFICER,
    OTHER_FIRM,
    applicant,
    evaluator,
    policy,
)  # fmt: skip
from tests.support.stored import assert_nowhere

__all__ = ["draft"]
NAME = "Marker of Mr Nobody.pdf"
READER = evaluator("e-1")


async def test_no_other_person_gives_reads_or_removes(desk: Desk, draft: str, call_id: str) -> None:
    given = await desk.give(draft, FIRM)
    theirs = (await desk.draft(call_id, OTHER_FIRM, project__title="Another project"))["id"]
    assert (await desk.give(draft, OTHER_FIRM, 403))["code"] == "not-owner"
    assert (await desk.remove(draft, OTHER_FIRM, given["id"], 403))["code"] == "not-owner"
    for actor in (applicant(OTHER_FIRM), OFFICER, AUDITOR, READER):  # a draft is its organisation's alone
        await desk.download(actor, draft, given["id"], 403)
        await listed(desk, draft, actor, 403)
    await desk.download(applicant(OTHER_FIRM), theirs, given["id"], 404)
    assert (await desk.remove(theirs, OTHER_FIRM, given["id"], 404))["code"] == "unknown-file"


async def test_reading_by_the_agency_is_recorded(desk: Desk, draft: str) -> None:
    given = await desk.give(draft, FIRM, text="The offer")
    await desk.submit(draft, FIRM)
    await desk.download(applicant(), draft, given["id"])
    for actor in (OFFICER, AUDITOR):
        assert (await desk.download(actor, draft, given["id"])).content == sample_pdf("The offer")
    lines = await desk.request(AUDITOR, "GET", "/accesses", params={"subject_id": given["id"]})
    assert [(line["reader"], line["shown"]) for line in lines["items"]] == [(AUDITOR.id, "file"), (OFFICER.id, "file")]


async def test_evaluator_reads_files_after_the_declaration(desk: Desk, draft: str, call_id: str) -> None:
    given = await desk.give(draft, FIRM)
    await desk.submit(draft, FIRM)
    case = {"application_id": UUID(draft), "call_id": UUID(call_id), "region": HERE}
    case |= {"assignment_id": new_id(), "evaluator_id": READER.id}

    async def refused() -> None:
        await desk.download(READER, draft, given["id"], 403)
        await listed(desk, draft, READER, 403)

    await refused()
    await desk.deliver(EvaluatorAssigned(**case, seat=1, due_at=CLOSES))
    await refused()
    await desk.deliver(EvaluatorDeclared(**case))
    await desk.download(READER, draft, given["id"])
    [line] = (await desk.request(AUDITOR, "GET", "/accesses", params={"subject_id": given["id"]}))["items"]
    assert line["reader"] == READER.id
    await desk.deliver(EvaluatorRecused(**case))
    await refused()


async def test_evaluator_of_a_blind_call_reads_no_file(desk: Desk, draft: str, call_id: str) -> None:
    given = await desk.give(draft, FIRM)
    await desk.submit(draft, FIRM)
    rules = next(one.evaluation for one in BOOK.all() if one.evaluation)
    blind = policy().model_copy(update={"evaluation": rules.model_copy(update={"blind": True})})
    blind.__dict__["content_hash"] = policy().content_hash  # the policy that the call is pinned to
    desk.app.state.policies = PolicyBook([blind], BOOK.forms)
    case = {"application_id": UUID(draft), "call_id": UUID(call_id), "region": HERE}
    case |= {"assignment_id": new_id(), "evaluator_id": READER.id}
    await desk.deliver(EvaluatorAssigned(**case, seat=1, due_at=CLOSES), EvaluatorDeclared(**case))
    await desk.download(READER, draft, given["id"], 403)
    await listed(desk, draft, READER, 403)


async def test_erased_key_takes_the_files_with_it(desk: Desk, draft: str) -> None:
    """At once, whatever copies of the store there are; the objects go with the next round of the job."""
    given = await desk.give(draft, FIRM, name=NAME)
    await desk.submit(draft, FIRM)
    async with desk.sessions.begin() as session:
        await destroy_key(session, FIRM, desk.clock.instant)
    await desk.download(OFFICER, draft, given["id"], 404)
    assert await deleting(desk).delete() == 1
    assert (desk.stored(), await listed(desk, draft, OFFICER)) == ([], [])
    assert (await desk.row(FileRow, UUID(given["id"]))).gone


async def test_object_without_a_row_goes_after_an_hour(desk: Desk, draft: str) -> None:
    """An upload whose transaction failed after its content was stored."""
    given = await desk.give(draft, FIRM)
    left = new_id()
    await desk.store.put(left, b"left behind")
    (desk.folder / "stray").write_text("none of ours")
    later = ProgrammeClock(86_400, ProgrammeClock().now() - timedelta(hours=2), ProgrammeClock().now())
    assert await deleting(desk).look() == 0
    assert await deleting(desk, later).look() == 2
    assert desk.stored() == [given["id"]]


async def test_backup_holds_back_what_is_to_go(desk: Desk, draft: str) -> None:
    given = await desk.give(draft, FIRM)
    await desk.remove(draft, FIRM, given["id"])
    async with desk.sessions.begin() as session:
        await session.execute(text(f"SELECT pg_advisory_xact_lock({DELETION_LOCK})"))
        assert await deleting(desk).delete() == 0
        assert desk.stored() == [given["id"]]
    assert await deleting(desk).delete() == 1


async def test_removed_file_goes_from_answer_and_store(desk: Desk, draft: str) -> None:
    given = await desk.give(draft, FIRM, name=NAME)
    removed = await desk.remove(draft, FIRM, given["id"])
    assert removed["removed_at"] is not None
    assert await desk.remove(draft, FIRM, given["id"]) == removed
    assert await listed(desk, draft) == []
    assert (await desk.request(applicant(), "GET", f"/applications/{draft}"))["form"]["extra"] == {}
    await desk.download(applicant(), draft, given["id"], 404)
    assert await deleting(desk).delete() == 1
    assert desk.stored() == []
    await desk.give(draft, FIRM)
    assert await deleting(desk).delete() == 0


async def test_store_and_database_hold_nothing_in_clear(desk: Desk, draft: str) -> None:
    await desk.give(draft, FIRM, text="Marker of a content", name=NAME)
    [stored] = [path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()]
    assert b"Marker" not in stored
    assert b"%PDF" not in stored
    await assert_nowhere(desk.sessions, "Marker of")
    assert {one.type for one in await desk.events()} == {CallPublished.type, ApplicantJoined.type}  # a file is no event


async def test_content_in_the_place_of_another_is_not_given_out(desk: Desk, draft: str) -> None:
    """Of the same organisation, so the key is the same: the ids of file and case are part of the seal."""
    one, other = [await desk.give(draft, FIRM, text=text) for text in ("One", "Other")]
    paths = [desk.folder / name_of(UUID(each["id"])) for each in (one, other)]
    paths[0].write_bytes(paths[1].read_bytes())
    answer = await desk.client.get(
        f"/api/applications/applications/{draft}/files/{one['id']}",
        headers={"Authorization": f"Bearer {desk.issuer.mint(applicant())}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
