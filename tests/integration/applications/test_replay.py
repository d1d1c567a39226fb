"""A past call judged again under other rules: by its own officers and auditors, with nothing written and nobody named."""

from uuid import UUID

from shared.kernel.vocabulary import MilestoneKind
from shared.web.access_log import AccessRow
from tests.integration.applications.conftest import Desk
from tests.support.applications import AUDITOR, CLOSES, FIRM, OFFICER, OTHER_FIRM, applicant, evaluator
from tests.support.milestones import milestone

SCENARIOS = [
    {"name": "larger firms", "changes": {"small_firm.staff_below": 400}},
    {"name": "less", "changes": {"value.intensity_bp": 5_000, "value.own_contribution_bp": 5_000}, "without_rules": ["intensity"]},
]


async def test_past_call_is_judged_again_and_nothing_is_written(desk: Desk, call_id: str) -> None:
    good = await desk.submitted(call_id, FIRM)
    large = await desk.submitted(call_id, OTHER_FIRM, firm__staff=300, project__title="Another project")
    gone = await desk.submitted(call_id, UUID(int=3), project__title="A third project")
    await desk.withdraw(gone, UUID(int=3))
    for identity in (good, large):
        await desk.screen(identity)
    path = f"/calls/{call_id}/replay"
    assert (await desk.request(AUDITOR, "GET", f"{path}-values", 409))["code"] == "not-screened"
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call_id, CLOSES))
    before = len(await desk.events()), len(await desk.rows(AccessRow))

    values = await desk.request(AUDITOR, "GET", f"{path}-values")
    assert (values["values"]["value.intensity_bp"], values["selection_method"], values["criteria"]) == (8_000, "first-come", [])
    found = await desk.request(OFFICER, "POST", path, json={"scenarios": SCENARIOS})
    assert (found["application_ids"], found["sequences"]) == ([good, large], [1, 2])
    assert found["amounts_minor"] == [[800_000, None], [800_000, 800_000], [None, None]]
    assert found["failed_rules"] == [[[], ["sme-size"]], [[], []], [["own-contribution"], ["sme-size", "own-contribution"]]]
    assert "Sample" not in str(found), "no name, no answer of the form"
    budget = await desk.request(OFFICER, "POST", path, json={"scenarios": [{"name": "half", "envelope_bp": 5_000}]})
    assert budget["amounts_minor"] == [[800_000, None], [800_000, None]], "nothing is judged, so nothing is decrypted"

    refused = await desk.request(OFFICER, "POST", path, 422, json={"scenarios": [{"name": "x", "changes": {"value.intensity_bp": -1}}]})
    assert [error["field"] for error in refused["errors"]] == ["scenarios.0.changes.value.intensity_bp"]
    for stranger in (applicant(FIRM), evaluator("ev-1")):
        await desk.request(stranger, "POST", path, 403, json={"scenarios": SCENARIOS})
    assert (len(await desk.events()), len(await desk.rows(AccessRow))) == before
