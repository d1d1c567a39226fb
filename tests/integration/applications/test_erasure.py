"""Export and erasure of what is held about an organisation."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.applications.tables import ApplicationRow
from shared.contracts.applications import ErasureRequested, SubjectErased
from shared.contracts.evaluation import AwardGranted
from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import FRESH, Permission
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MilestoneKind
from shared.privacy.erasures import ErasureList
from shared.privacy.keys import SubjectKeyRow
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, CLOSES, FIRM, HERE, OFFICER, OTHER_FIRM, applicant, evaluator, policy
from tests.support.milestones import milestone

SECOND = Actor("officer-2", grants({Role.OFFICER}, {HERE}))
ELSEWHERE = Actor("officer-3", grants({Role.OFFICER, Role.AUDITOR}, {"be-kortrijk"}))
NAME, REASON = "Marker Studio Ltd", "request-of-the-subject"


async def request(desk: Desk, actor: Actor, organisation: UUID = FIRM, expect: int = 201) -> Any:
    body = {"organisation_id": str(organisation), "reason": REASON}
    return await desk.request(fresh(actor), "POST", "/erasures", expect, json=body)


async def confirm(desk: Desk, actor: Actor, erasure: str, expect: int = 200) -> Any:
    return await desk.request(fresh(actor), "POST", f"/erasures/{erasure}/confirmation", expect)


def fresh(actor: Actor) -> Actor:
    return Actor(actor.id, actor.grants, actor.organisation_id, fresh=True)


async def withdrawn(desk: Desk, call_id: str) -> str:
    identity = await desk.submitted(call_id, FIRM, applicant__name=NAME)
    await desk.withdraw(identity, FIRM)
    return identity


async def waiting(desk: Desk, actor: Actor) -> int:
    """Erasures that wait for the officer."""
    return int((await desk.request(actor, "GET", "/desk"))["erasures"]["count"])


async def erased_at(desk: Desk) -> datetime | None:
    """As the service says of itself; who asks reads nothing about the organisation."""
    before = await desk.request(AUDITOR, "GET", "/accesses")
    at = (await desk.request(AUDITOR, "GET", f"/subjects/{FIRM}/erasure"))["erased_at"]
    assert (await desk.request(AUDITOR, "GET", "/accesses"))["total"] == before["total"]
    return at and datetime.fromisoformat(at)


async def state_of(desk: Desk, erasure: str, *, confirmed: bool) -> datetime | None:
    """When it was confirmed; it stands in its list alone, with the receipts of the organisation."""
    listed = [await desk.request(AUDITOR, "GET", "/erasures", params={"confirmed": wanted}) for wanted in (confirmed, not confirmed)]
    one = await desk.request(AUDITOR, "GET", f"/erasures/{erasure}")
    assert [page["items"] for page in listed] == [[one], []]
    assert len(one["receipts"]) == 1
    return one["confirmed_at"] and datetime.fromisoformat(one["confirmed_at"])


async def test_erasure_by_two_officers_leaves_rows_and_events(desk: Desk, call_id: str) -> None:
    identity = await withdrawn(desk, call_id)
    before = await desk.events()
    erasure = (await request(desk, Actor("officer-4", OFFICER.grants)))["id"]
    assert [await waiting(desk, actor) for actor in (Actor("officer-4", OFFICER.grants), SECOND)] == [0, 1]
    assert (await erased_at(desk), await state_of(desk, erasure, confirmed=False)) == (None, None)
    assert (await desk.read(identity))["form"]["applicant"]["name"] == NAME  # nothing happens before the second officer
    await confirm(desk, SECOND, erasure)
    await confirm(desk, SECOND, erasure)
    assert await erased_at(desk) == await state_of(desk, erasure, confirmed=True) == desk.clock.instant
    assert await waiting(desk, SECOND) == 0
    seen = await desk.read(identity)
    assert (seen["erased"], seen["form"], seen["state"]) == (True, None, "withdrawn")
    assert [row.model_dump() for row in (await desk.events())[: len(before)]] == [row.model_dump() for row in before]
    assert await desk.published(ErasureRequested, SubjectErased) == ["ErasureRequested", "SubjectErased"]
    [event] = await desk.events(SubjectErased)
    assert event.body == {"organisation_id": str(FIRM), "region": HERE, "erasure_id": erasure}
    assert NAME not in str([row.model_dump() for row in await desk.events()])
    exported = await desk.request(applicant(), "GET", f"/subjects/{FIRM}")
    assert (exported["erased"], exported["tables"]["applications"][0]["form"]) == (True, None)


async def test_erasure_by_the_wrong_person_is_refused(desk: Desk, call_id: str) -> None:
    await withdrawn(desk, call_id)
    for actor in (applicant(), evaluator("evaluator-1"), AUDITOR):
        assert (await request(desk, actor, expect=403))["code"] == "wrong-role"
    assert (await request(desk, ELSEWHERE, expect=403))["code"] == "foreign-region"
    erasure = (await request(desk, SECOND))["id"]
    assert (await confirm(desk, SECOND, erasure, 403))["code"] == "incompatible-step"
    assert (await confirm(desk, ELSEWHERE, erasure, 403))["code"] == "foreign-region"
    assert (await confirm(desk, SECOND, str(new_id()), 404))["code"] == "unknown-erasure"
    assert (await request(desk, SECOND, OTHER_FIRM, expect=404))["code"] == "unknown-subject"
    assert Permission.ERASE_SUBJECT in FRESH
    assert await desk.events(SubjectErased) == []


async def test_erasure_waits_for_decisions_and_keeps_awards(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    assert (await request(desk, SECOND, expect=409))["code"] == "erasure-undecided"
    await desk.screen(identity)
    assert (await request(desk, SECOND, expect=409))["code"] == "erasure-undecided"
    application = await desk.row(ApplicationRow, UUID(identity))
    facts = {"application_id": application.id, "call_id": application.call_id, "region": HERE, "organisation_id": FIRM}
    money = {"amount_minor": application.amount_minor, "currency": "EUR", "policy_id": policy().id, "scheme": "digital-voucher"}
    await desk.deliver(AwardGranted(**facts, **money, award_id=new_id(), grant_number=1, rank=1, from_reserve=False))
    assert (await request(desk, SECOND, expect=409))["code"] == "erasure-kept"


async def test_erasure_waits_while_a_draft_may_be_submitted(desk: Desk, call_id: str) -> None:
    """Two officers would else keep a competitor out of a call."""
    await desk.draft(call_id, FIRM)
    assert (await request(desk, SECOND, expect=409))["code"] == "erasure-undecided"
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    await request(desk, SECOND)


async def test_applicant_side_of_a_case_takes_no_part_in_its_erasure(desk: Desk, call_id: str) -> None:
    """Nor in a hold on it, which would keep it."""
    identity = await withdrawn(desk, call_id)
    both = Actor(applicant().id, OFFICER.grants)
    assert (await request(desk, both, expect=403))["code"] == "incompatible-step"
    for kind, subject in (("case", identity), ("organisation", str(FIRM))):
        body = {"region": HERE, "subject_kind": kind, "subject_id": subject, "reason": "audit"}
        assert (await desk.request(both, "POST", "/holds", 403, json=body))["code"] == "incompatible-step"


async def test_submission_after_the_request_stops_the_erasure(desk: Desk, call_id: str) -> None:
    await withdrawn(desk, call_id)
    erasure = (await request(desk, Actor("officer-4", OFFICER.grants)))["id"]
    await desk.submitted(call_id, FIRM, project__title="Another project")
    assert (await confirm(desk, SECOND, erasure, 409))["code"] == "erasure-undecided"


async def test_export_has_what_is_held_for_those_who_may(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM, applicant__name=NAME)
    await desk.submitted(call_id, OTHER_FIRM)
    for actor in (applicant(), OFFICER, AUDITOR):
        exported = await desk.request(actor, "GET", f"/subjects/{FIRM}")
        [row] = exported["tables"]["applications"]
        assert (row["id"], row["form"]["applicant"]["name"], exported["erased"]) == (identity, NAME, False)
    for actor in (applicant(OTHER_FIRM), ELSEWHERE):
        assert (await desk.request(actor, "GET", f"/subjects/{FIRM}", 404))["code"] == "unknown-subject"
    assert (await desk.request(evaluator("evaluator-1"), "GET", f"/subjects/{FIRM}", 403))["code"] == "wrong-role"
    accesses = await desk.request(AUDITOR, "GET", "/accesses", params={"subject_id": str(FIRM)})
    assert [line["reader"] for line in accesses["items"]] == [AUDITOR.id, OFFICER.id]


async def test_restored_database_is_erased_again(desk: Desk, call_id: str, tmp_path: Path) -> None:
    """The backup has the key that was destroyed after it; the list outside the database has not gone back."""
    identity = await withdrawn(desk, call_id)
    backup = (await desk.row(SubjectKeyRow, FIRM)).wrapped
    erasures = ErasureList("applications", desk.sessions, tmp_path / "anchors", desk.clock.now)
    await confirm(desk, SECOND, (await request(desk, Actor("officer-4", OFFICER.grants)))["id"])
    assert [await erasures.write(), await erasures.write()] == [1, 0]
    async with desk.sessions.begin() as session:
        key = await session.get_one(SubjectKeyRow, FIRM)
        key.wrapped, key.destroyed_at = backup, None
    assert (await desk.read(identity))["erased"] is False
    await erasures.repeat()
    await erasures.repeat()
    assert (await desk.read(identity))["erased"] is True


@pytest.mark.parametrize("line", ["", "\n"])
async def test_list_of_no_erasure_destroys_nothing(desk: Desk, tmp_path: Path, line: str) -> None:
    (tmp_path / "applications.erased").write_text(line)
    await ErasureList("applications", desk.sessions, tmp_path, desk.clock.now).repeat()
    assert await desk.rows(SubjectKeyRow) == []
