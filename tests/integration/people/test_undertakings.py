"""Links of an organisation with other firms: declared and ended by an owner, published without a number that can be read."""

from datetime import date

import pytest

from shared.classifications.identity_keys import relation_hash
from shared.contracts.people import UndertakingLinkRecorded
from tests.integration.people.conftest import STUDIO, Desk
from tests.integration.people.test_guards import LINK
from tests.integration.people.test_organisations import joined, registered


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
