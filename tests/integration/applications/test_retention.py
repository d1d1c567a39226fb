"""Removal of cases whose term is over, legal holds, and the report."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from services.applications.tables import ApplicationRow, FormVersionRow
from shared.contracts.applications import CaseRemoved, LegalHoldLifted, LegalHoldPlaced
from shared.contracts.evaluation import AwardGranted, AwardRefused
from shared.contracts.vouchers import MilestoneReached, VoucherClosed
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id, region_id
from shared.kernel.vocabulary import MilestoneKind, RetentionClass
from shared.policy.resolver import PolicyBook
from shared.privacy.keys import destroy_key
from shared.privacy.retention import EndedCase, kept_until
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, BOOK, CLOSES, FIRM, HERE, OFFICER, OPEN, OTHER_FIRM
from tests.support.databases import run_as_owner
from tests.support.policies import MONEY, policy_named

SECOND_OFFICER = Actor("officer-2", grants({Role.OFFICER}, {HERE}))
TERMS = next(policy.retention for policy in BOOK.all() if policy.retention)
POLICY = policy_named(BOOK, MONEY[HERE]).model_copy(update={"retention": TERMS})
"""The policy of the call of these tests, with terms."""
TICK = timedelta(microseconds=1)
TELLING = "someone-s-words"


@pytest.fixture
async def removing(desk: Desk) -> Desk:
    """The desk, where the policy of its calls has terms. Its call is open."""
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook([POLICY], BOOK.forms)
    desk.clock.instant = OPEN
    return desk


@pytest.fixture
async def call(removing: Desk) -> str:
    removing.clock.instant = OPEN - timedelta(days=10)
    identity: str = (await removing.publish_call())["id"]
    removing.clock.instant = OPEN
    return identity


async def look(desk: Desk, twice: bool = False, region: str = HERE) -> None:
    """The daily look at the cases of the region, now."""
    day = desk.clock.instant
    subject = region_id(region)
    event = MilestoneReached(subject_id=subject, case_id=subject, region=region, kind=MilestoneKind.RETENTION_DUE, due_at=day)
    await desk.deliver(event, twice=twice)


async def results(desk: Desk, **query: Any) -> list[Any]:
    return list((await desk.request(AUDITOR, "GET", "/retention-results", params={"limit": 200, **query}))["items"])


async def hold(desk: Desk, kind: str, subject: object, expect: int = 201, actor: Actor = OFFICER) -> Any:
    body = {"region": HERE, "subject_kind": kind, "subject_id": str(subject), "reason": "court-case"}
    return await desk.request(actor, "POST", "/holds", expect, json=body)


async def lift(desk: Desk, hold_id: str, actor: Actor, expect: int = 200) -> Any:
    return await desk.request(actor, "POST", f"/holds/{hold_id}/lifting", expect, json={"reason": "case-over"})


async def content(desk: Desk, application_id: str) -> str:
    """Of the application and of the submitted versions of its form."""
    async with desk.sessions() as session:
        application = await session.get_one(ApplicationRow, UUID(application_id))
        versions = await session.scalars(select(FormVersionRow).where(col(FormVersionRow.application_id) == application.id))
        return str([row.model_dump() for row in (application, *versions)])


def about(desk: Desk, application_id: str, call: str) -> dict[str, Any]:
    return {"application_id": UUID(application_id), "call_id": UUID(call), "region": HERE}


async def draft(desk: Desk, call: str) -> str:
    return str((await desk.draft(call, FIRM, project__title=TELLING))["id"])


async def withdrawn(desk: Desk, call: str) -> str:
    """After a correction, so that there are versions."""
    identity = await desk.submitted(call, FIRM, project__title=TELLING)
    await desk.return_for(identity, ["project.summary"])
    await desk.submit(identity, FIRM)
    await desk.withdraw(identity, FIRM)
    return identity


async def ineligible(desk: Desk, call: str) -> str:
    identity = await desk.submitted(call, FIRM, project__title=TELLING, firm__staff=300)
    assert (await desk.screen(identity))["state"] == "ineligible"
    return identity


async def refused(desk: Desk, call: str) -> str:
    identity = await desk.submitted(call, FIRM, project__title=TELLING)
    await desk.screen(identity)
    await desk.deliver(AwardRefused(**about(desk, identity, call), rules=["below-threshold"]))
    return identity


async def closed(desk: Desk, call: str, outcome: str = "settled") -> str:
    identity = await desk.submitted(call, FIRM, project__title=TELLING)
    await desk.screen(identity)
    granted = AwardGranted(
        **about(desk, identity, call), award_id=new_id(), grant_number=1, organisation_id=FIRM, scheme=POLICY.scheme, amount_minor=200_000,
        currency="EUR", policy_id=POLICY.id, rank=1, from_reserve=False,
    )  # fmt: skip
    await desk.deliver(granted, VoucherClosed(**about(desk, identity, call), voucher_id=new_id(), outcome=outcome))
    return identity


async def declined(desk: Desk, call: str) -> str:
    return await closed(desk, call, "declined")


Ending = Callable[[Desk, str], Awaitable[str]]
ENDINGS: list[tuple[Ending, RetentionClass, datetime]] = [
    (draft, RetentionClass.DRAFT, CLOSES),
    (withdrawn, RetentionClass.WITHDRAWN, OPEN),
    (ineligible, RetentionClass.REFUSED, OPEN),
    (refused, RetentionClass.REFUSED, OPEN),
    (declined, RetentionClass.WITHDRAWN, OPEN),
    (closed, RetentionClass.PAID, OPEN),
]
by_ending = pytest.mark.parametrize(("ending", "kind", "ended_at"), ENDINGS, ids=[ending.__name__ for ending, *_ in ENDINGS])


def end_of_term(kind: RetentionClass, ended_at: datetime) -> datetime:
    until = kept_until(POLICY, EndedCase(kind, ended_at))
    assert until is not None
    return until


@by_ending
async def test_content_goes_on_the_day_its_term_is_over(
    removing: Desk, call: str, ending: Ending, kind: RetentionClass, ended_at: datetime
) -> None:
    identity = await ending(removing, call)
    until = end_of_term(kind, ended_at)
    for too_early in (until - timedelta(days=1), until - TICK):
        removing.clock.instant = too_early
        await look(removing)
        assert TELLING in await content(removing, identity)
    removing.clock.instant = until
    await look(removing, twice=True)
    row = await removing.row(ApplicationRow, UUID(identity))
    assert TELLING not in await content(removing, identity)
    assert (row.form, row.title, row.assessment, row.removed_at) == (None, None, None, until)
    events = await removing.events(CaseRemoved)
    assert [(event.key, event.body["retention_class"], event.actor) for event in events] == [(UUID(identity), kind, "system")]
    assert [(one["outcome"], one["application_id"], one["retention_class"]) for one in await results(removing)] == [
        ("removed", identity, kind)
    ]
    await removing.assert_nothing_lost()


async def test_removed_case_keeps_ids_amounts_and_states(removing: Desk, call: str) -> None:
    identity = await closed(removing, call)
    before = await removing.read(identity)
    removing.clock.instant = end_of_term(RetentionClass.PAID, OPEN)
    await look(removing)
    after = await removing.read(identity)
    emptied = {"form", "title", "removed_at", "missing", "return_note"}
    assert {name: value for name, value in after.items() if name not in emptied} == {
        name: value for name, value in before.items() if name not in emptied
    }
    assert TELLING not in str(after)
    assert len(await removing.request(OFFICER, "GET", f"/history/{identity}")) > 0


async def test_removed_case_of_an_erased_subject_is_emptied(removing: Desk, call: str) -> None:
    """What can no longer be read is removed all the same."""
    identity = await withdrawn(removing, call)
    async with removing.sessions.begin() as session:
        await destroy_key(session, FIRM, OPEN)
    removing.clock.instant = end_of_term(RetentionClass.WITHDRAWN, OPEN)
    await look(removing)
    assert [one["outcome"] for one in await results(removing)] == ["removed"]
    async with removing.sessions() as session:
        for table, columns in {"applications": "form, title, assessment, return_note", "form_versions": "form"}.items():
            assert await session.scalar(text(f"SELECT sum(num_nonnulls({columns})) FROM {table}")) == 0
    assert (await removing.read(identity))["form"] is None


@pytest.mark.parametrize("after_removal", [False, True])
async def test_version_can_only_become_empty(removing: Desk, call: str, after_removal: bool) -> None:
    await withdrawn(removing, call)
    if after_removal:
        removing.clock.instant = end_of_term(RetentionClass.WITHDRAWN, OPEN)
        await look(removing)
    with pytest.raises(DBAPIError, match="append-only"):
        await run_as_owner(removing.sessions.kw["bind"], "UPDATE form_versions SET form = '\\x007b7d'")


@pytest.mark.parametrize("kind", ["case", "organisation"])
async def test_erasure_waits_for_the_end_of_a_hold(removing: Desk, call: str, kind: str) -> None:
    identity = await withdrawn(removing, call)
    asker = Actor("officer-3", OFFICER.grants, fresh=True)
    placed = await hold(removing, kind, identity if kind == "case" else FIRM)
    body = {"organisation_id": str(FIRM), "reason": "request-of-the-subject"}
    assert (await removing.request(asker, "POST", "/erasures", 409, json=body))["code"] == "erasure-held"
    await lift(removing, placed["id"], SECOND_OFFICER)
    await removing.request(asker, "POST", "/erasures", 201, json=body)


async def test_case_in_progress_is_never_removed(removing: Desk, call: str) -> None:
    identity = await removing.submitted(call, FIRM, project__title=TELLING)
    removing.clock.instant = datetime.fromisoformat("2999-01-01T00:00:00+00:00")
    await look(removing)
    assert TELLING in await content(removing, identity)
    assert await results(removing) == []


async def test_case_under_a_policy_without_terms_is_kept(desk: Desk, call_id: str) -> None:
    identity = await draft(desk, call_id)
    desk.clock.instant = datetime.fromisoformat("2999-01-01T00:00:00+00:00")
    await look(desk)
    assert TELLING in await content(desk, identity)


async def test_look_at_another_region_leaves_the_case(removing: Desk, call: str) -> None:
    identity = await draft(removing, call)
    removing.clock.instant = end_of_term(RetentionClass.DRAFT, CLOSES)
    await look(removing, region="dk-kolding")
    assert TELLING in await content(removing, identity)


@pytest.mark.parametrize("kind", ["case", "organisation"])
async def test_held_case_is_kept_and_reported_until_it_is_lifted(removing: Desk, call: str, kind: str) -> None:
    identity = await draft(removing, call)
    other = str((await removing.draft(call, OTHER_FIRM))["id"])
    placed = await hold(removing, kind, identity if kind == "case" else FIRM)
    removing.clock.instant = end_of_term(RetentionClass.DRAFT, CLOSES)
    await look(removing)
    assert TELLING in await content(removing, identity)
    assert {one["application_id"]: (one["outcome"], one["reason"]) for one in await results(removing)} == {
        identity: ("held", "legal-hold"),
        other: ("removed", "term-over"),
    }
    run = (await removing.request(AUDITOR, "GET", "/retention-runs"))["items"][0]
    assert (run["removed"], run["held"], run["failed"]) == (1, 1, 0)
    await lift(removing, placed["id"], SECOND_OFFICER)
    removing.clock.instant += timedelta(days=1)
    await look(removing)
    assert TELLING not in await content(removing, identity)
    assert await removing.published(LegalHoldPlaced, LegalHoldLifted) == ["LegalHoldPlaced", "LegalHoldLifted"]


async def test_case_can_be_found_before_its_content_goes(removing: Desk, call: str) -> None:
    """By its receipt, while it can still be held; a draft has none."""
    ended, unsent = await withdrawn(removing, call), str((await removing.draft(call, OTHER_FIRM))["id"])
    receipt = (await removing.read(ended))["receipt"]
    until = end_of_term(RetentionClass.WITHDRAWN, OPEN)
    removing.clock.instant = until - timedelta(days=20)
    for days, expected in ((19, set()), (20, {(ended, receipt, False)})):
        found = await removing.request(AUDITOR, "GET", "/due-cases", params={"within_days": days, "region": HERE})
        due = {(one["application_id"], one["receipt"], one["held"]) for one in found["items"] if one["application_id"] != unsent}
        assert due == expected, days
    first = await removing.request(AUDITOR, "GET", "/due-cases", params={"within_days": 366, "limit": 1})
    assert (first["total"], [one["application_id"] for one in first["items"]]) == (2, [unsent])
    placed = await hold(removing, "organisation", FIRM)
    held = await removing.request(OFFICER, "GET", "/due-cases", params={"within_days": 20})
    assert {one["application_id"]: one["held"] for one in held["items"]}[ended] is True
    assert (await removing.request(AUDITOR, "GET", f"/holds/{placed['id']}"))["receipts"] == [receipt]
    [listed] = (await removing.request(AUDITOR, "GET", "/holds"))["items"]
    assert listed["receipts"] == [receipt]
    removing.clock.instant = until
    await look(removing)
    assert {(one["application_id"], one["receipt"], one["outcome"]) for one in await results(removing)} == {
        (ended, receipt, "held"),
        (unsent, None, "removed"),
    }


async def test_hold_is_lifted_by_a_second_person_only(removing: Desk, call: str) -> None:
    placed = await hold(removing, "case", await draft(removing, call))
    assert (await lift(removing, placed["id"], OFFICER, 403))["code"] == "incompatible-step"
    assert (await lift(removing, placed["id"], SECOND_OFFICER))["lifted_by"] == "officer-2"
    assert (await lift(removing, placed["id"], SECOND_OFFICER, 409))["code"] == "hold-lifted"
    in_force = await removing.request(AUDITOR, "GET", "/holds", params={"in_force": True})
    assert in_force["items"] == []


@pytest.mark.parametrize("kind", ["case", "organisation"])
async def test_hold_on_nothing_is_refused(removing: Desk, call: str, kind: str) -> None:
    assert (await hold(removing, kind, new_id(), 404))["code"] in ("nothing-to-hold", "unknown-application")


async def test_auditor_reads_and_places_no_hold(removing: Desk, call: str) -> None:
    assert (await hold(removing, "case", await draft(removing, call), 403, AUDITOR))["code"] == "wrong-role"


async def test_case_that_fails_is_reported_and_the_others_go(removing: Desk, call: str) -> None:
    """A database that refuses one row stands for whatever may be wrong with one case."""
    bad, good = await draft(removing, call), str((await removing.draft(call, OTHER_FIRM, project__title=TELLING))["id"])
    removing.clock.instant = end_of_term(RetentionClass.DRAFT, CLOSES)
    rule = f"ALTER TABLE applications ADD CONSTRAINT stays CHECK (id <> '{bad}' OR removed_at IS NULL)"
    await run_as_owner(removing.sessions.kw["bind"], rule)
    await look(removing)
    assert TELLING not in await content(removing, good)
    assert {one["application_id"]: one["outcome"] for one in await results(removing)} == {bad: "failed", good: "removed"}
    assert [event.key for event in await removing.events(CaseRemoved)] == [UUID(good)]


@pytest.mark.parametrize("field", ["call_id", "region"])
async def test_closed_voucher_of_another_case_changes_nothing(removing: Desk, call: str, field: str) -> None:
    identity = await removing.submitted(call, FIRM)
    event = VoucherClosed(**about(removing, identity, call), voucher_id=new_id(), outcome="declined")
    await removing.deliver(event.model_copy(update={field: new_id() if field == "call_id" else "dk-kolding"}))
    assert (await removing.row(ApplicationRow, UUID(identity))).voucher_closed_at is None


async def test_award_that_was_not_funded_ends_no_case(removing: Desk, call: str) -> None:
    identity = await closed(removing, call, "not-funded")
    assert (await removing.row(ApplicationRow, UUID(identity))).voucher_closed_at is None


async def test_milestone_before_its_day_removes_nothing(removing: Desk, call: str) -> None:
    identity = await draft(removing, call)
    until = end_of_term(RetentionClass.DRAFT, CLOSES)
    removing.clock.instant = until - TICK
    subject = region_id(HERE)
    await removing.deliver(
        MilestoneReached(subject_id=subject, case_id=subject, region=HERE, kind=MilestoneKind.RETENTION_DUE, due_at=until)
    )
    assert TELLING in await content(removing, identity)
    assert await results(removing) == []
