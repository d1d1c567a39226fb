"""A policy is proposed by one officer and published by another, and every service takes it from the event: once, late, in any order."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.applications.tables import SchemeFileProposalRow
from shared.contracts.applications import CallPublished, SchemeFilePublished
from shared.contracts.scheme_files import keep_scheme_file
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.inbox import Inbox
from shared.messaging.scheme_files import SchemeFileRow, SchemeFiles
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from tests.integration.applications.conftest import Desk
from tests.support.applications import BEFORE, HERE, OFFICER, SECOND_OFFICER
from tests.support.desk import REGIONS, delivery_of
from tests.support.event_keys import KEYS
from tests.support.scheme_files import later_file

FIRST, SCHEME = date(2026, 6, 1), "digital-voucher"
TEXT = later_file(FIRST, ("[claims]\nwithin = { value = 30,", "[claims]\nwithin = { value = 45,"))
ELSEWHERE = Actor("officer-9", grants({Role.OFFICER}, {"dk-kolding"}))
FINANCE = Actor("finance-1", grants({Role.FINANCE}, {HERE}))


@pytest.fixture
def own_book(desk: Desk) -> PolicyBook:
    """Learning leaves the book of other tests as it is."""
    book = load_book(REGIONS)
    desk.policies = desk.inbox.policies = desk.app.state.policies = book
    desk.inbox.files = SchemeFiles("applications", desk.sessions, book)
    return book


async def proposed(desk: Desk, text: str = TEXT, expect: int = 201, who: Actor = OFFICER, kind: str = "policy") -> Any:
    return await desk.request(who, "POST", "/scheme-files", expect, json={"kind": kind, "text": text})


async def test_policy_is_proposed_by_one_and_published_by_another(desk: Desk, own_book: PolicyBook) -> None:
    checked = await desk.request(OFFICER, "POST", "/scheme-files/check", json={"kind": "policy", "text": TEXT})
    assert (checked["faults"], checked["place"]) == ([], f"{HERE}/{SCHEME}/{FIRST}.toml")
    assert {"place": "claims.within.value", "before": "30", "after": "45"} in checked["differences"]
    found = await proposed(desk)
    path = f"/scheme-files/{found['id']}"
    assert (found["own"], found["state"], found["rules_id"]) == (True, "submitted", checked["rules_id"])
    counts = [(await desk.request(who, "GET", "/desk"))["scheme_files"]["count"] for who in (OFFICER, SECOND_OFFICER)]
    assert counts == [0, 1]
    assert (await desk.request(OFFICER, "POST", f"{path}/publication", 403))["code"] == "incompatible-step"
    for wrong in (ELSEWHERE, FINANCE):
        await desk.request(wrong, "POST", f"{path}/publication", 403)
    assert await desk.rows(SchemeFileRow) == await desk.events(SchemeFilePublished) == []
    published = await desk.request(SECOND_OFFICER, "POST", f"{path}/publication")
    assert (published["state"], published["decided_by"]) == ("published", SECOND_OFFICER.id)
    assert (await desk.request(SECOND_OFFICER, "POST", f"{path}/publication", 409))["code"] == "scheme-file-decided"
    [event] = await desk.events(SchemeFilePublished)
    assert (event.actor, event.body["text"]) == (SECOND_OFFICER.id, TEXT)
    pinned = own_book.resolve(HERE, SCHEME, FIRST).id
    assert [await desk.inbox.files.refresh(), await desk.inbox.files.refresh()] == [True, False]
    assert own_book.resolve(HERE, SCHEME, FIRST).id == found["rules_id"] != pinned
    assert own_book.get(pinned).id == pinned
    assert (await proposed(desk, expect=422))["code"] == "scheme-file-wrong"


@pytest.mark.parametrize(
    ("who", "kind", "text", "status", "code"),
    [
        (ELSEWHERE, "policy", TEXT, 403, "foreign-region"),
        (FINANCE, "policy", TEXT, 403, "wrong-role"),
        (OFFICER, "policy", "a = 1", 422, "scheme-file-wrong"),
        (OFFICER, "form", TEXT, 422, "scheme-file-wrong"),
        (OFFICER, "policy", later_file(date(2025, 11, 30)), 422, "scheme-file-wrong"),
        (OFFICER, "policy", "# ž" + "x" * 199_997, 422, "scheme-file-too-large"),
    ],
    ids=["elsewhere", "finance", "unreadable", "another kind", "past", "large"],
)
async def test_wrong_person_or_file_is_refused(desk: Desk, who: Actor, kind: str, text: str, status: int, code: str) -> None:
    assert (await proposed(desk, text, status, who, kind))["code"] == code
    assert await desk.rows(SchemeFileProposalRow) == []


async def test_day_that_has_passed_meanwhile_is_not_published(desk: Desk) -> None:
    path = f"/scheme-files/{(await proposed(desk))['id']}"
    desk.clock.instant = BEFORE + timedelta(days=400)
    assert (await desk.request(SECOND_OFFICER, "POST", f"{path}/publication", 422))["code"] == "scheme-file-wrong"
    assert "has passed" in (await desk.request(SECOND_OFFICER, "GET", path))["faults"][0]
    refused = await desk.request(SECOND_OFFICER, "POST", f"{path}/refusal", json={"words": "Too late."})
    assert (refused["state"], refused["words"], refused["faults"]) == ("refused", "Too late.", [])


async def test_database_refuses_one_person_alone(desk: Desk) -> None:
    found = await proposed(desk)

    async def publish_alone() -> None:
        async with desk.sessions.begin() as session:
            row = await session.get_one(SchemeFileProposalRow, found["id"])
            row.state, row.decided_by, row.decided_at = "published", row.proposed_by, desk.clock.instant

    with pytest.raises(IntegrityError, match="two_persons"):
        await publish_alone()


def published(**changed: Any) -> SchemeFilePublished:
    values = {"file_id": new_id(), "region": HERE, "scheme": SCHEME, "kind": "policy", "effective_from": FIRST, "text": TEXT}
    return SchemeFilePublished(**values | changed)


def consumer(desk: Desk) -> tuple[Inbox, PolicyBook]:
    """A service that keeps the file, and reads the rules of a call."""
    book = load_book(REGIONS)

    async def read_rules(context: Context, event: CallPublished) -> None:
        context.policies.get(event.policy_id)

    handlers: Any = {SchemeFilePublished: keep_scheme_file, CallPublished: read_rules}
    return Inbox("evaluation", KEYS, desk.sessions, desk.clock, book, handlers, pause=0.001), book


def call_under(policy_id: str) -> CallPublished:
    instants = dict.fromkeys(("opens_at", "closes_at", "evaluation_due_at", "reserve_list_ends_at"), BEFORE)
    return CallPublished(
        call_id=new_id(), region=HERE, slug="one", scheme=SCHEME, policy_id=policy_id, selection_method="first-come", currency="EUR",
        envelope_minor=1, **instants,
    )  # fmt: skip


async def test_call_waits_for_its_rules_and_takes_them_once(desk: Desk) -> None:
    inbox, book = consumer(desk)
    event, rules = published(), (await proposed(desk))["rules_id"]
    await inbox.take([delivery_of(call_under(rules), BEFORE)])
    assert [row.awaits for row in await desk.rows(ParkedRow)] == ["unknown-policy"]
    message = delivery_of(event, BEFORE)
    desk.clock.instant = BEFORE + timedelta(days=300)  # late: it was in time when it was published
    await inbox.take([message, message])
    await inbox.take([message])
    await inbox.retry_parked()
    await inbox.take([delivery_of(call_under(rules), BEFORE)])
    assert [len(await desk.rows(kind)) for kind in (SchemeFileRow, ParkedRow, DeadLetterRow)] == [1, 0, 0]
    assert book.get(rules).claims.claim_window.value == 45


@pytest.mark.parametrize(
    "changed",
    [
        {"region": "dk-kolding"}, {"scheme": "another"}, {"effective_from": date(2026, 7, 1)}, {"kind": "form"}, {"text": "a = 1"},
        {"text": later_file(FIRST, ("HR2199999981000000013", "HR1210010051863000160"))},
        {"text": later_file(date(2025, 11, 1)), "effective_from": date(2025, 11, 1)},
        {"text": later_file(date(2026, 12, 1)), "effective_from": date(2026, 12, 1)},
    ],
    ids=["region", "scheme", "day", "kind", "text", "bank", "past", "known day"],
)  # fmt: skip
async def test_forged_file_has_no_effect(desk: Desk, changed: dict[str, Any]) -> None:
    inbox, book = consumer(desk)
    honest = published()
    await inbox.take([delivery_of(published(**changed), BEFORE)])
    assert (await desk.rows(SchemeFileRow), len(await desk.rows(DeadLetterRow))) == ([], 1)
    await inbox.take([delivery_of(honest, BEFORE)])
    await inbox.take([delivery_of(honest.model_copy(update={"text": later_file(FIRST)}), BEFORE)])
    await inbox.take([delivery_of(published(text=later_file(FIRST)), BEFORE)])
    assert [row.text for row in await desk.rows(SchemeFileRow)] == [TEXT]
    assert len(await desk.rows(DeadLetterRow)) == 3
    assert await inbox.files.refresh()
    assert book.resolve(HERE, SCHEME, FIRST).claims.claim_window.value == 45
