"""Who read which application is recorded, can be read by auditors only, and cannot be changed."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from shared.contracts.evaluation import EvaluatorAssigned, EvaluatorDeclared
from shared.identity.actor import Actor, Role, grants
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, CLOSES, FIRM, HERE, OFFICER, OPEN, OTHER_FIRM, applicant, evaluator
from tests.support.databases import run_as_owner


async def accesses(desk: Desk, **query: Any) -> list[tuple[str, str, str]]:
    """(reader, subject, shown) of each line, the oldest first."""
    page = await desk.request(AUDITOR, "GET", "/accesses", params={"sort": "position", **query})
    return [(line["reader"], line["subject_id"], line["shown"]) for line in page["items"]]


async def test_each_reading_of_a_file_is_recorded(desk: Desk, call_id: str) -> None:
    """Not those of the own organisation, of a list, or that were refused."""
    mine, other = await desk.submitted(call_id, FIRM), await desk.submitted(call_id, OTHER_FIRM)
    reader = evaluator("e-1")
    case = {"application_id": UUID(mine), "call_id": UUID(call_id), "region": HERE, "assignment_id": UUID(int=7), "evaluator_id": "e-1"}
    await desk.request(reader, "GET", f"/applications/{mine}", 403)
    await desk.deliver(EvaluatorAssigned(**case, seat=1, due_at=CLOSES))
    await desk.request(reader, "GET", f"/applications/{mine}")
    await desk.request(reader, "GET", f"/applications/{mine}/eligibility", 403)
    await desk.deliver(EvaluatorDeclared(**case))
    await desk.request(reader, "GET", f"/applications/{mine}")
    await desk.request(OFFICER, "GET", f"/applications/{mine}/eligibility")
    await desk.request(AUDITOR, "GET", f"/applications/{other}")
    await desk.request(applicant(FIRM), "GET", f"/applications/{mine}")
    await desk.request(applicant(FIRM), "GET", f"/applications/{mine}/eligibility")
    for actor in (OFFICER, reader, applicant(FIRM)):
        await desk.request(actor, "GET", "/applications")
    lines = [("e-1", mine, "blind"), ("e-1", mine, "whole"), (OFFICER.id, mine, "whole"), (AUDITOR.id, other, "whole")]
    assert await accesses(desk) == lines
    assert await accesses(desk, subject_id=other) == lines[3:]
    assert await accesses(desk, reader="e-1") == lines[:2]
    page = await desk.request(AUDITOR, "GET", "/accesses", params={"limit": 1})
    assert (page["total"], [line["reader"] for line in page["items"]]) == (4, [AUDITOR.id])
    assert page["items"][0].keys() == {"position", "reader", "subject_id", "region", "permission", "shown", "at"}
    assert (page["items"][0]["permission"], page["items"][0]["at"]) == ("read-application", OPEN.isoformat().replace("+00:00", "Z"))


async def test_access_log_of_a_foreign_region_is_not_shown(desk: Desk, call_id: str) -> None:
    await desk.read(await desk.submitted(call_id, FIRM))
    elsewhere = Actor("auditor-2", grants({Role.AUDITOR}, {"be-kortrijk"}))
    assert (await desk.request(elsewhere, "GET", "/accesses"))["items"] == []
    assert (await desk.request(elsewhere, "GET", "/accesses", 403, params={"region": HERE}))["code"] == "foreign-region"


async def test_reading_that_cannot_be_recorded_is_not_answered(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    await run_as_owner(desk.sessions.kw["bind"], "ALTER TABLE access_log ADD CONSTRAINT no_line CHECK (reader <> 'officer-1')")
    answer = await desk.request(OFFICER, "GET", f"/applications/{identity}", 500)
    assert "form" not in answer


@pytest.mark.parametrize("statement", ["UPDATE access_log SET reader = 'x'", "DELETE FROM access_log", "TRUNCATE access_log"])
async def test_access_log_is_append_only(desk: Desk, call_id: str, statement: str) -> None:
    await desk.read(await desk.submitted(call_id, FIRM))
    with pytest.raises(IntegrityError, match="append-only"):
        await run_as_owner(desk.sessions.kw["bind"], statement)
    assert len(await accesses(desk)) == 1
