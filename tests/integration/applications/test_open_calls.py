"""What everybody may read of a call, and the check of eligibility: without a token, and nothing is stored."""

from typing import Any

import pytest

from shared.kernel.ids import new_id
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, HERE, OFFICER, OPENS
from tests.support.digest import digest

FIRM = {
    "nuts": "HR063", "activity_code": "74.10", "staff": 2, "small_accounts": True, "public_control": False, "total_cost_minor": 1_000_000,
    "requested_minor": 300_000, "aid_minor": 0,
}  # fmt: skip


async def ask(desk: Desk, method: str, path: str, expect: int = 200, **request: Any) -> Any:
    """Without a token."""
    answer = await desk.client.request(method, f"/api/applications/open-calls{path}", **request)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def failed(desk: Desk, number: int, **changed: Any) -> set[str]:
    """The rules that a firm does not keep."""
    verdict = await ask(desk, "POST", f"/{number}/eligibility", json=FIRM | changed)
    found = {rule["rule"] for rule in verdict["rules"] if not rule["passed"]}
    assert verdict["eligible"] == (not found)
    return found


async def test_call_is_read_without_a_token(desk: Desk, call_id: str) -> None:
    page = await ask(desk, "GET", "", params={"region": HERE, "state": "published"})
    assert [one["id"] for one in page["items"]] == [call_id]
    assert (await ask(desk, "GET", "", params={"state": "closed"}))["items"] == []
    assert (await ask(desk, "GET", "", params={"region": "elsewhere"}))["items"] == []
    [listed] = page["items"]
    call = await ask(desk, "GET", f"/{listed['number']}")
    assert listed.items() <= call.items()
    assert (call["opens_at"], call["closes_at"]) == (f"{OPENS:%Y-%m-%dT%H:%M:%SZ}", f"{CLOSES:%Y-%m-%dT%H:%M:%SZ}")
    assert call["as_of"].startswith(f"{desk.clock.instant:%Y-%m-%dT%H:%M}")
    policy = desk.policies.get((await desk.request(OFFICER, "GET", f"/calls/{call_id}"))["policy_id"])
    assert call["region_names"] | {"en": "Koprivnica", "el": "Κοπρίβνιτσα"} == call["region_names"]
    assert (call["largest_minor"], call["places"]) == (policy.value.largest_minor, list(policy.eligibility.places))
    assert not {"submitted", "policy_id", "content_hash", "nonce_hash"} & call.keys()


async def test_regions_say_how_to_reach_them_without_a_token(desk: Desk) -> None:
    answer = await desk.client.get("/api/applications/regions")
    found = {one["id"]: one for one in answer.json()}
    assert found.keys() == desk.policies.zones().keys()
    assert found[HERE]["zone"] == "Europe/Zagreb"
    assert found[HERE]["contact"]["email"] == "vouchers@koprivnica.example"


async def test_calls_are_read_by_their_ids(desk: Desk, call_id: str) -> None:
    other = str(new_id())
    for asked, found in (([call_id], [call_id]), ([other, call_id], [call_id]), ([other], [])):
        page = await ask(desk, "GET", "", params={"call_id": asked})
        assert ([one["id"] for one in page["items"]], page["total"]) == (found, len(found))
    await ask(desk, "GET", "", 422, params={"call_id": ["x"]})
    await ask(desk, "GET", "", 422, params={"call_id": [other] * 201})


async def test_unknown_number_is_not_found(desk: Desk, call_id: str) -> None:
    assert (await ask(desk, "GET", "/999", 404))["code"] == "unknown-call"
    assert (await ask(desk, "POST", "/999/eligibility", 404, json=FIRM))["code"] == "unknown-call"
    for number in ("0", "-1", "x", "99999999999"):
        await ask(desk, "GET", f"/{number}", 422)


async def test_each_answer_decides_on_its_rules(desk: Desk, call_id: str) -> None:
    number = (await ask(desk, "GET", ""))["items"][0]["number"]
    call = await ask(desk, "GET", f"/{number}")
    before = await digest(desk.sessions.kw["bind"])
    assert await failed(desk, number) == set()
    assert await failed(desk, number, nuts="PL213") == {"place"}
    assert await failed(desk, number, activity_code="01.11") == {"activity"}
    assert await failed(desk, number, staff=call["staff_below"]) == {"sme-size"}
    assert await failed(desk, number, small_accounts=False) == {"sme-size"}
    assert await failed(desk, number, public_control=True) == {"sme-independent"}
    assert "amount-most" in await failed(desk, number, requested_minor=call["largest_minor"] + 1)
    assert "intensity" in await failed(desk, number, requested_minor=900_000)
    ceiling = call["de_minimis_ceiling_minor"]
    assert await failed(desk, number, aid_minor=ceiling - FIRM["requested_minor"]) == set()
    assert await failed(desk, number, aid_minor=ceiling - FIRM["requested_minor"] + 1) == {"de-minimis-ceiling"}
    assert await digest(desk.sessions.kw["bind"]) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"nuts": "x"},
        {"nuts": "HR045"},
        {"activity_code": "7"},
        {"activity_code": "18.99"},
        {"staff": -1},
        {"staff": "2"},
        {"small_accounts": "yes"},
        {"aid_minor": 1.5},
        {"more": 1},
    ],
)
async def test_answer_that_is_none_is_named(desk: Desk, call_id: str, wrong: dict[str, Any]) -> None:
    number = (await ask(desk, "GET", ""))["items"][0]["number"]
    refused = await ask(desk, "POST", f"/{number}/eligibility", 422, json=FIRM | wrong)
    assert [error["field"] for error in refused["errors"]] == list(wrong)
