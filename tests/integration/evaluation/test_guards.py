"""Every route refuses anonymous callers, expired tokens, wrong roles and foreign regions; lookup and lists find the service's rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.evaluation.tables import CaseRow
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import derive_id
from tests.integration.evaluation.conftest import Desk, sheet
from tests.support.evaluation import FIRST_COME, Scene, evaluator, officer
from tests.support.routes import Example, Route, assert_guarded

ROOT = "/api/evaluation"
NO_FACTS = {"application_ids": [], "sequences": [], "requested_minor": [], "transitions": [], "amounts_minor": [[], []]}


async def test_every_route_is_guarded(desk: Desk) -> None:
    open_to_all = {f"{ROOT}/open-draws/{{call_id}}"}
    await assert_guarded(desk.client, desk.app, desk.issuer.mint, await examples(desk), open_to_all=open_to_all)


async def examples(desk: Desk) -> dict[Route, Example]:
    scene = Scene()
    await desk.register("ev-a", "ev-b", "ev-c")
    await desk.receive(scene.published(), scene.submitted(1), scene.eligible(1), scene.screened(1))
    mine = (await desk.assignments())[0]
    appealed = await _appealed(desk)
    manager = {"role": Role.OFFICER, "actor": "manager-1"}
    firm = {"organisation": appealed.application(1), "role": Role.APPLICANT}
    appeal = {"appeal_id": derive_id(appealed.application(1), "appeal")}
    asked = {"question_id": (await _question(desk, mine))["id"]}
    here, call, assignment = scene.region, {"call_id": scene.call_id}, {"assignment_id": mine["id"]}
    listed = {"region": here}
    new = {"evaluator_id": "ev-d", "region": here, "languages": ["en"]}
    holder = {"role": Role.EVALUATOR, "actor": mine["evaluator_id"]}
    return {
        ("POST", f"{ROOT}/evaluators"): Example(here, json=new),
        ("GET", f"{ROOT}/evaluators"): Example(here, query=listed),
        ("GET", f"{ROOT}/assignments"): Example(here, query=listed),
        ("GET", f"{ROOT}/assignments/{{assignment_id}}"): Example(here, path=assignment, **holder),
        ("POST", f"{ROOT}/assignments/{{assignment_id}}/declaration"): Example(here, path=assignment, json={"conflict": False}, **holder),
        ("POST", f"{ROOT}/assignments/{{assignment_id}}/scores"): Example(here, path=assignment, json={"scores": sheet(70)}, **holder),
        ("PUT", f"{ROOT}/assignments/{{assignment_id}}/draft"): Example(here, path=assignment, json={"version": 0}, **holder),
        ("POST", f"{ROOT}/assignments/{{assignment_id}}/questions"): Example(here, path=assignment, json={"question": "Why?"}, **holder),
        ("POST", f"{ROOT}/assignments/{{assignment_id}}/reopening"): Example(
            here, path=assignment, json={"reason": "Wrong file."}, **manager
        ),
        ("POST", f"{ROOT}/assignments/{{assignment_id}}/replacement"): Example(
            here, path=assignment, json={"why": "conflict-found"}, **manager
        ),
        ("GET", f"{ROOT}/questions"): Example(here, query=listed),
        ("GET", f"{ROOT}/questions/{{question_id}}"): Example(here, path=asked),
        ("POST", f"{ROOT}/questions/{{question_id}}/answer"): Example(here, path=asked, json={"answer": "Yes."}),
        ("GET", f"{ROOT}/cases"): Example(here, query=listed),
        ("GET", f"{ROOT}/cases/{{application_id}}"): Example(here, path={"application_id": scene.application(1)}),
        ("GET", f"{ROOT}/cases/{{application_id}}/candidates"): Example(here, path={"application_id": scene.application(1)}),
        ("GET", f"{ROOT}/cases/{{application_id}}/registration"): Example(
            here, path={"application_id": scene.application(1)}, role=Role.APPLICANT, organisation=scene.application(1)
        ),
        ("GET", f"{ROOT}/cases/{{application_id}}/result"): Example(here, path={"application_id": appealed.application(1)}, **firm),
        ("POST", f"{ROOT}/cases/{{application_id}}/appeal"): Example(
            here, path={"application_id": appealed.application(1)}, json={"grounds": "The costs were misread."}, **firm
        ),
        ("GET", f"{ROOT}/appeals"): Example(here, query=listed),
        ("GET", f"{ROOT}/open-appeals"): Example(
            unbound="those of the asked for that the caller may see", query={"application_id": [str(appealed.application(1))]}
        ),
        ("GET", f"{ROOT}/appeals/{{appeal_id}}"): Example(here, path=appeal, **firm),
        ("POST", f"{ROOT}/appeals/{{appeal_id}}/decision"): Example(here, path=appeal, json={"reasons": "They were not."}),
        ("GET", f"{ROOT}/calls/{{call_id}}/evaluation"): Example(here, path=call),
        ("GET", f"{ROOT}/calls/{{call_id}}/ranking/what-if"): Example(here, path=call, query={"threshold": 50}),
        ("GET", f"{ROOT}/calls/{{call_id}}/ranking"): Example(here, path=call),
        ("POST", f"{ROOT}/calls/{{call_id}}/ranking/approval"): Example(here, path=call, json={"list_hash": "0" * 64}),
        ("POST", f"{ROOT}/calls/{{call_id}}/randomness"): Example(here, path=call, json={"file": "{}"}),
        ("POST", f"{ROOT}/calls/{{call_id}}/replay"): Example(here, path=call, json={"scenarios": [{"name": "Other"}], "facts": NO_FACTS}),
        ("GET", f"{ROOT}/calls/{{call_id}}/draw"): Example(here, path=call),
        ("GET", f"{ROOT}/desk"): Example(unbound="counts of what the caller may see"),
        ("GET", f"{ROOT}/assignment-counts"): Example(unbound="counts of the caller's own"),
        ("GET", f"{ROOT}/figures"): Example(unbound="sums and counts of all regions"),
        ("GET", f"{ROOT}/lookup"): Example(here, query={"ref": str(scene.call_id)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}/erasure"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/history/{{case_id}}"): Example(here, path={"case_id": scene.application(1)}),
    }


async def _appealed(desk: Desk) -> Scene:
    """A call whose list is approved, with one appeal against it."""
    scene = Scene()
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    await desk.evaluate(scene.application(1), 70, 80)
    await desk.approve(scene, officer(name="approver-1"))
    await desk.appeal(scene, 1)
    return scene


async def _question(desk: Desk, assignment: Mapping[str, Any]) -> Any:
    await desk.declare(assignment)
    path = f"/assignments/{assignment['id']}/questions"
    return await desk.request(evaluator(assignment["evaluator_id"]), "POST", path, 201, json={"question": "Which machine?"})


async def test_lookup_by_any_id_finds_the_case(desk: Desk) -> None:
    scene = Scene(FIRST_COME)
    await desk.receive(scene.published(), scene.eligible(1))
    award = scene.award(1)
    expected = {scene.call_id: "call", scene.application(1): "application", award: "award", derive_id(award, "voucher"): "voucher"}
    for ref, kind in expected.items():
        found = await desk.request(officer(FIRST_COME), "GET", "/lookup", params={"ref": str(ref)})
        assert (found["kind"], found["call_id"]) == (kind, str(scene.call_id))
        assert found["application_id"] == (None if kind == "call" else str(scene.application(1)))
    await desk.request(officer(FIRST_COME), "GET", "/lookup", 404, params={"ref": str(UUID(int=7))})
    await desk.request(officer(FIRST_COME), "GET", "/lookup", 404, params={"ref": "KRT-26-000123-C"})


async def test_applicant_reads_the_decision_once_there_is_one(desk: Desk) -> None:
    scene = Scene()
    await desk.register("ev-a", "ev-b", "ev-c")
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    applicant = Actor("applicant", grants({Role.APPLICANT}, {scene.region}), scene.application(1))
    path = f"/cases/{scene.application(1)}/result"
    found = await desk.request(applicant, "GET", path)
    assert (found["decisions"], found["rank"], found["criteria"]) == ([], None, [])
    direct = Scene(FIRST_COME)
    await desk.receive(direct.published(), direct.eligible(1))
    applicant = Actor("applicant", grants({Role.APPLICANT}, {direct.region}), direct.application(1))
    found = await desk.request(applicant, "GET", f"/cases/{direct.application(1)}/result")
    assert [(one["outcome"], one["amount_minor"]) for one in found["decisions"]] == [("granted", 500_000)]
    assert (found["criteria"], found["total_hundredths"]) == ([], None)


async def test_lists_are_paged_and_filtered(desk: Desk) -> None:
    scene = Scene(FIRST_COME)
    await desk.receive(scene.published(), *(scene.eligible(n) for n in range(1, 6)), scene.withdrawn(5))
    for state, sequences in {"granted": [1, 2], "reserve": [3, 4], "withdrawn": [5], "refused": [], "open": [], "evaluated": []}.items():
        page = await desk.request(officer(FIRST_COME), "GET", "/cases", params={"state": state})
        assert ([case["sequence"] for case in page["items"]], page["total"]) == (sequences, len(sequences))
    first = await desk.request(officer(FIRST_COME), "GET", "/cases", params={"limit": 3, "sort": "-sequence"})
    rest = await desk.request(officer(FIRST_COME), "GET", "/cases", params={"limit": 3, "sort": "-sequence", "cursor": first["next"]})
    assert [case["sequence"] for case in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    await desk.register("ev-a", "ev-b", "ev-c")
    names = []
    cursor = None
    while True:
        page = await desk.request(officer(), "GET", "/evaluators", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        names += [each["evaluator_id"] for each in page["items"]]
        if not (cursor := page.get("next")):
            break
    assert names == ["ev-a", "ev-b", "ev-c"]


async def test_export_for_the_applicant_names_no_evaluator(desk: Desk) -> None:
    """The agency's has the cases and score sheets; what an applicant may know of them stands in the decision."""
    scene = Scene()
    await desk.register("ev-a", "ev-b", "ev-c")
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    await desk.evaluate(scene.application(1), 70, 80)
    organisation = (await desk.rows(CaseRow))[0].organisation_id
    path, applicant = f"/subjects/{organisation}", Actor("applicant-1", grants({Role.APPLICANT}, {scene.region}), organisation)
    assert set((await desk.request(officer(), "GET", path))["tables"]["assignments"][0]) > {"evaluator_id", "scores"}
    answer = await desk.request(applicant, "GET", path, 404)
    assert "ev-a" not in str(answer)
