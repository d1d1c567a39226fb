"""A past call ranked again under other rules, from its own score sheets; the record does not change."""

from typing import Any

from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import AWARD, Scene, officer

OTHER = [
    {"name": "half", "envelope_bp": 5_000},
    {"name": "strict", "changes": {"evaluation.total_threshold": 75}},
    {"name": "open", "changes": {"evaluation.total_threshold": 40}},
]


def facts(scene: Scene, *columns: list[int | None]) -> dict[str, Any]:
    """Of the first applications, as `applications` answers them; a scenario without a column has the amounts of the record."""
    amounts = columns[0]
    given = [columns[place] if place < len(columns) else amounts for place in range(len(OTHER) + 1)]
    numbers = range(1, len(amounts) + 1)
    return {
        "application_ids": [str(scene.application(number)) for number in numbers],
        "sequences": list(numbers),
        "requested_minor": [AWARD for _ in numbers],
        "transitions": [["green"] if number % 2 else ["green", "social"] for number in numbers],
        "amounts_minor": given,
    }


async def test_approved_list_is_replayed_from_its_score_sheets(desk: Desk) -> None:
    """Four cases with 90, 80, 70 and 50 points, money for two, and a fifth application that was ineligible."""
    scene = Scene()
    await desk.register("ev-a", "ev-b", "ev-c")
    await desk.receive(scene.published(), *(scene.eligible(n) for n in range(1, 5)), scene.screened(1, 2, 3, 4))
    for sequence, total in enumerate([90, 80, 70, 50], start=1):
        await desk.evaluate(scene.application(sequence), total, total)
    await desk.approve(scene)
    before, path = len(await desk.events()), f"/calls/{scene.call_id}/replay"
    record = [AWARD, AWARD, AWARD, AWARD, None]
    asked = {"scenarios": OTHER, "facts": facts(scene, record, record, [AWARD, None, AWARD, AWARD, AWARD]), "rounds": 20}
    found = await desk.request(officer(), "POST", path, json=asked)
    assert found["differs_from_list"] == 0, "the call under its own rules is the approved list"
    own, half, strict, wide = found["scenarios"]
    assert own["outcomes"] == ["granted", "granted", "reserve", "refused", "ineligible"]
    assert half["outcomes"] == ["granted", "reserve", "reserve", "refused", "ineligible"]
    assert strict["outcomes"] == ["granted", "ineligible", "refused", "refused", "not-scored"]
    assert wide["outcomes"] == ["granted", "granted", "reserve", "reserve", "ineligible"]
    assert (own["scores_hundredths"][:2], own["ranks"]) == ([9_000, 8_000], [1, 2, 3, 4, None])
    assert strict["moved_out"] == [str(scene.application(2))]
    assert (half["envelope_minor"], half["sums"]["granted_minor"], half["transitions"]["social"]["granted"]) == (AWARD, AWARD, 0)
    assert (own["rounds"], own["granted_range"], own["chances_bp"][2]) == (20, {"low": 2, "middle": 2, "high": 2}, 0)
    short = facts(scene, record) | {"sequences": [1, 2, 3, 4]}
    assert (await desk.request(officer(), "POST", path, 422, json=asked | {"facts": short}))["code"] == "facts-differ"
    assert len(await desk.events()) == before
