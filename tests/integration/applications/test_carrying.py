"""Who waits on the reserve list of a round to its end takes part in the next one, where the policy says so. Source: issue 15, several
cut-offs in a rolling call."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.applications import ApplicantMemberRecorded, ApplicationSubmitted, CallPublished
from shared.contracts.evaluation import AwardRefused, PlacedOnReserveList
from shared.contracts.people import MemberJoined
from shared.policy.cut_offs import RoundRules
from shared.policy.resolver import PolicyBook
from tests.integration.applications.conftest import Desk
from tests.integration.applications.two_step import INTEREST_CALL, KOLDING, OPEN, express, firm, form_of, publish
from tests.support.applications import BOOK, FIRM, OFFICER, call_definition

ROLLING = {**INTEREST_CALL, "cut_offs": {"dates": ["2026-12-29T12:00:00"]}, "reserve_list_ends": "2027-02-15"}
SECOND_ROUND = datetime(2027, 1, 5, 9, tzinfo=UTC)


def carry(desk: Desk, waiting: Any) -> None:
    """Every policy says this of who waits to the end of a reserve list."""
    rounds = RoundRules(left_over="stays", waiting=waiting)
    book = PolicyBook([policy.model_copy(update={"rounds": rounds}) for policy in BOOK.all()], BOOK.forms)
    desk.policies = desk.inbox.policies = desk.app.state.policies = book


async def refused(desk: Desk, identity: str, call_id: str, rule: str) -> None:
    about = {"application_id": UUID(identity), "call_id": UUID(call_id), "region": KOLDING}
    await desk.deliver(AwardRefused(**about, rules=[rule]), twice=True)


@pytest.mark.parametrize(("waiting", "rule", "carried"), [
    ("next", "reserve-list-ended", True), ("next", "below-threshold", False), ("refused", "reserve-list-ended", False),
])  # fmt: skip
async def test_who_waited_takes_part_in_the_next_round(desk: Desk, waiting: str, rule: str, carried: bool) -> None:
    carry(desk, waiting)
    first = await publish(desk, ROLLING)
    second = (await desk.events(CallPublished))[1].body["call_id"]
    desk.clock.instant = OPEN
    identity = await express(desk, first["id"], FIRM)
    await desk.deliver(MemberJoined(organisation_id=FIRM, person_id=UUID(int=77), role="editor", invitation_id=None))
    await desk.deliver(PlacedOnReserveList(application_id=UUID(identity), call_id=UUID(first["id"]), region=KOLDING, position=3))
    desk.clock.instant = SECOND_ROUND
    await refused(desk, identity, first["id"], rule)
    found = [event for event in await desk.events(ApplicationSubmitted) if event.body["call_id"] == second]
    assert [(one.body["carried_from"], one.body["sequence"], one.actor, one.reason) for one in found] == (
        [(identity, 1, "system", "carried")] if carried else []
    )
    if not carried:
        return
    new = found[0].body["application_id"]
    members = [event.body["person_id"] for event in await desk.events(ApplicantMemberRecorded) if event.body["application_id"] == new]
    assert members == [str(UUID(int=77))], "who is on the applicant's side is so in the new application"
    shown = await desk.request(firm(), "GET", f"/applications/{new}")
    given = {name: value for name, value in shown["form"]["project"].items() if value is not None}
    assert (shown["carried_from"], given) == (identity, form_of(ROLLING["scheme"])["project"])
    await desk.request(firm(), "POST", f"/applications/{new}/withdrawal", json={"reason": "given-up"})
    await desk.assert_nothing_lost()


async def test_nobody_is_carried_beyond_the_last_round(desk: Desk) -> None:
    carry(desk, "next")
    first = await publish(desk, ROLLING)
    desk.clock.instant = OPEN
    identity = await express(desk, first["id"], FIRM)
    desk.clock.instant = datetime(2027, 1, 15, 11, tzinfo=UTC)
    await refused(desk, identity, first["id"], "reserve-list-ended")
    assert len(await desk.events(ApplicationSubmitted)) == 1


async def test_form_with_files_is_carried_nowhere(desk: Desk) -> None:
    carry(desk, "next")
    definition = {**call_definition().model_dump(mode="json"), "cut_offs": {"dates": ["2025-12-29T12:00:00"]}}
    assert (await desk.request(OFFICER, "POST", "/calls", 422, json=definition))["code"] == "carried-with-files"
