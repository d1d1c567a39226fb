"""Returned applications: what they may be returned for, by how many officers, and what a correction does to the place in the queue."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.applications.tables import FormVersionRow
from shared.contracts.applications import ApplicationReturned, ApplicationReturnProposed, ApplicationSubmitted
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Repair
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, CLOSES, FIRM, OFFICER, OTHER_FIRM, SECOND_OFFICER, applicant, form_with, policy

SUBSTANCE = ["costs", "project"]


@pytest.fixture
def repairs_substance(desk: Desk) -> None:
    """The region's policy allows an application to be returned for money and project too, under the id that the call is pinned to."""
    pinned = policy()
    repair = Repair(within=pinned.repair.within, max_count=2, fields=("costs", "project"))
    changed = pinned.model_copy(update={"repair": repair})
    changed.__dict__["content_hash"] = pinned.content_hash
    desk.policies = desk.app.state.policies = PolicyBook([changed], BOOK.forms)


@pytest.mark.parametrize("path", ["costs", "costs.requested_minor", "applicant", "applicant.name", "firm", "project", "project.title"])
async def test_money_identity_and_project_are_not_returned_for(desk: Desk, call_id: str, path: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    refused = await desk.return_for(identity, ["project.summary", path], expect=422)
    assert (refused["code"], refused["facts"]["path"]) == ("not-repairable", path)


@pytest.mark.usefixtures("repairs_substance")
async def test_substance_after_the_close_needs_two_officers(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    desk.clock.instant = CLOSES
    for fields in (["costs"], SUBSTANCE, SUBSTANCE):
        waiting = await desk.return_for(identity, fields)
        assert (waiting["state"], waiting["proposed_return_fields"]) == ("submitted", fields)
    assert (await desk.return_for(identity, ["costs"], officer=SECOND_OFFICER))["state"] == "submitted"  # not what was proposed
    assert (await desk.return_for(identity, ["costs"]))["state"] == "returned"
    assert len(await desk.events(ApplicationReturnProposed)) == 3
    [event] = await desk.events(ApplicationReturned)
    assert (event.actor, event.body["proposed_by"]) == (OFFICER.id, SECOND_OFFICER.id)


@pytest.mark.usefixtures("repairs_substance")
async def test_substance_changed_in_a_first_come_call_loses_place(desk: Desk, call_id: str) -> None:
    placeholder, rival = await desk.submitted(call_id, FIRM), await desk.submitted(call_id, OTHER_FIRM)
    await desk.return_for(placeholder, SUBSTANCE)
    await desk.change(placeholder, FIRM, costs__requested_minor=300_000, project__summary="Another one.")
    receipt = await desk.submit(placeholder, FIRM)
    assert (receipt["revision"], receipt["sequence"]) == (2, 3)
    last = (await desk.events(ApplicationSubmitted))[-1]
    assert (last.reason, last.body["previous_sequence"]) == ("corrected-in-substance", 1)
    assert last.body["changed"] == ["project.summary", "costs.requested_minor"]
    assert (await desk.read(rival))["sequence"] == 2


async def test_each_submitted_version_is_kept_with_what_changed(desk: Desk, call_id: str) -> None:
    identity = str((await desk.draft(call_id, FIRM))["id"])

    async def shown() -> Any:
        return await desk.request(applicant(), "GET", f"/applications/{identity}/versions")

    assert await shown() == []
    receipt = await desk.submit(identity, FIRM)
    first = {"revision": 1, "sequence": 1, "submitted_at": receipt["submitted_at"], "changed": []}
    assert await shown() == [first]
    await desk.return_for(identity, ["project.summary"])
    assert await shown() == [first]
    await desk.change(identity, FIRM, project__summary="Much more of it.")
    assert (await desk.submit(identity, FIRM))["sequence"] == 1
    versions = await shown()
    assert [(one["revision"], one["sequence"], one["changed"]) for one in versions] == [(1, 1, []), (2, 1, ["project.summary"])]
    kept = sorted(await desk.rows(FormVersionRow), key=lambda row: row.revision)
    assert [row.form["project"]["summary"] for row in kept] == [form_with()["project"]["summary"].strip(), "Much more of it."]
    with pytest.raises(IntegrityError, match="append-only"):  # only what is in clear may be encrypted
        async with desk.sessions.begin() as session:
            await session.execute(text("UPDATE form_versions SET form = '{}'"))
    await desk.return_for(identity, ["project.summary"])  # a version that is there already
    assert len(await desk.rows(FormVersionRow)) == 2


async def test_submitted_form_is_fixed_in_the_database(desk: Desk, call_id: str) -> None:
    """Also for the service's own role; that of a draft is not."""
    change = text("UPDATE applications SET form = form || '\\x00' WHERE id = CAST(:id AS uuid)")
    draft = str((await desk.draft(call_id, OTHER_FIRM))["id"])
    async with desk.sessions.begin() as session:
        await session.execute(change, {"id": draft})
    identity = await desk.submitted(call_id, FIRM)
    with pytest.raises(IntegrityError, match="append-only"):
        async with desk.sessions.begin() as session:
            await session.execute(change, {"id": identity})
