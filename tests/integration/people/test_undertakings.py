"""Links of an organisation with other firms: declared and ended by an owner, published without a number that can be read."""

from datetime import date
from uuid import UUID

import pytest

from services.people.domain.mails import Template
from services.people.tables import MailRow
from shared.classifications.identity_keys import relation_hash
from shared.contracts.people import UndertakingLinkRecorded
from shared.identity.actor import Actor, Role, grants
from tests.integration.people.conftest import REGION, STUDIO, Desk
from tests.integration.people.mailed_case import Case
from tests.integration.people.test_guards import LINK
from tests.integration.people.test_organisations import joined, registered
from tests.support.evaluation import DRAW, Scene


async def test_owner_declares_and_ends_a_link(desk: Desk) -> None:
    owner, organisation = await registered(desk)
    place = f"/organisations/{organisation}/links"
    made = await desk.request(owner, "POST", place, 201, json={**LINK, "tax_number": "DK 13 58 56 28"})
    assert (made["tax_number"], made["valid_until"]) == ("13585628", None)
    editor = await joined(desk, owner, organisation, "berta")
    assert (await desk.request(editor, "POST", place, 403, json=LINK))["code"] == "not-an-owner"
    assert [one["id"] for one in await desk.request(editor, "GET", place)] == [made["id"]]
    stranger = await desk.person("carl")
    assert (await desk.request(stranger, "GET", place, 403))["code"] == "not-a-member"
    end = f"{place}/{made['id']}/end"
    assert (await desk.request(owner, "POST", end, 422, json={"valid_until": "2025-01-01"}))["code"] == "link-end-day"
    assert (await desk.request(owner, "POST", end, json={"valid_until": "2026-01-05"}))["valid_until"] == "2026-01-05"
    assert (await desk.request(owner, "POST", end, 409, json={"valid_until": "2026-01-06"}))["code"] == "link-ended"
    first, second = [row.body for row in await desk.events(UndertakingLinkRecorded)]
    assert first["other_number"] == relation_hash(desk.app.state.hash_key, "tax-number", "DK13585628")
    assert (first["version"], second["version"], second["valid_until"]) == (1, 2, date(2026, 1, 5).isoformat())
    assert "13585628" not in str((first, second))


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"valid_from": "2026-01-11"}, 422, "link-to-come"),
        ({"country": "PL", "tax_number": STUDIO["tax_number"]}, 422, "link-to-itself"),
        ({"tax_number": "13585629"}, 422, "tax-number-wrong"),
        ({"kind": "friendship"}, 422, "invalid-input"),
        ({}, 409, "link-known"),
    ],
)
async def test_wrong_link_is_refused(desk: Desk, change: dict[str, str], status: int, code: str) -> None:
    owner, organisation = await registered(desk)
    await desk.request(owner, "POST", f"/organisations/{organisation}/links", 201, json=LINK)
    assert (await desk.request(owner, "POST", f"/organisations/{organisation}/links", status, json={**LINK, **change}))["code"] == code


async def test_two_officers_record_a_link_that_the_office_found(desk: Desk) -> None:
    """One proposes, another confirms; the members get a mail, and an owner does not end it. An officer of another region, one who acts for
    the organisation and an administrator are refused."""
    owner, organisation = await registered(desk)
    case = Case(UUID(organisation), Scene(DRAW))
    await desk.deliver(case.submitted())
    one, two = [await officer(desk, name) for name in ("one", "two")]
    place, found = f"/cases/{case.about['application_id']}", {**LINK, "words": "It stands in the business register."}
    assert (await desk.request(await officer(desk, "far", "hr-koprivnica"), "GET", f"{place}/links", 403))["code"] == "foreign-region"
    assert (await desk.request(await officer(desk, owner), "POST", f"{place}/links", 403, json=found))["code"] == "own-organisation"
    made = await desk.request(one, "POST", f"{place}/links", 201, json=found)
    assert (await desk.request(one, "POST", f"{place}/links", 409, json=found))["code"] == "correction-known"
    decide = f"{place}/link-corrections/{made['id']}"
    assert (await desk.request(one, "POST", f"{decide}/confirmation", 403))["code"] == "own-correction"
    assert await desk.events(UndertakingLinkRecorded) == []
    assert (await desk.request(two, "POST", f"{decide}/confirmation"))["state"] == "confirmed"
    assert (await desk.request(two, "POST", f"{decide}/refusal", 409))["code"] == "correction-decided"
    (link,) = (await desk.request(one, "GET", f"{place}/links"))["links"]
    assert (link["found_in"], link["declared_by"], link["tax_number"]) == (REGION, one.id, "13585628")
    end = {"valid_until": "2026-01-05"}
    owned = f"/organisations/{organisation}/links/{link['id']}/end"
    assert (await desk.request(owner, "POST", owned, 409, json=end))["code"] == "link-of-office"
    wrong = await desk.request(two, "POST", f"{place}/links/{link['id']}/end", 201, json={**end, "words": "It was another firm."})
    waiting = await desk.request(one, "GET", f"/link-corrections?region={REGION}&state=proposed")
    assert [each["id"] for each in waiting["items"]] == [wrong["id"]]
    waits = [(await desk.request(who, "GET", f"/officer-desk?region={REGION}"))["links_to_confirm"]["count"] for who in (one, two)]
    assert waits == [1, 0], "not for the one who proposed it"
    await desk.request(one, "POST", f"{place}/link-corrections/{wrong['id']}/confirmation")
    first, second = await desk.events(UndertakingLinkRecorded)
    assert [(row.reason, row.body["version"], row.body["valid_until"]) for row in (first, second)] == [
        ("found-by-office", 1, None), ("ended-by-office", 2, "2026-01-05"),
    ]  # fmt: skip
    mails = [mail for mail in await desk.rows(MailRow) if mail.template == Template.LINK_CORRECTED]
    assert [(mail.recipient_id, mail.facts["ended"]) for mail in mails] == [(UUID(owner.id), False), (UUID(owner.id), True)]
    assert "13585628" not in str([first.body, second.body, *(mail.facts for mail in mails)])


async def officer(desk: Desk, who: str | Actor, region: str = REGION) -> Actor:
    person = await desk.person(who) if isinstance(who, str) else who
    return Actor(person.id, grants({Role.OFFICER}, {region}))
