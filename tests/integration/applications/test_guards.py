"""Every route refuses a caller without token, with an expired one, of a wrong role, another region or another organisation."""

from datetime import timedelta
from typing import Any

from services.applications.commands.request_erasure import request_erasure
from simulation.sample_files import sample_pdf
from tests.integration.applications.conftest import OFFER, Desk
from tests.support.applications import CLOSES, FIRM, HERE, OFFICER, OTHER_FIRM, call_definition, form_with
from tests.support.routes import Example, Route, assert_guarded

ROOT = "/api/applications"
OPEN = {
    *(f"{ROOT}/open-awards", f"{ROOT}/open-awards.csv"),
    *(f"{ROOT}/open-calls", f"{ROOT}/open-calls/{{number}}", f"{ROOT}/open-calls/{{number}}/eligibility"),
}


async def test_every_route_is_guarded(desk: Desk, call_id: str) -> None:
    draft = (await desk.draft(call_id, FIRM))["id"]
    submitted = await desk.submitted(call_id, FIRM, project__title="A project that is submitted")
    await desk.withdraw(await desk.submitted(call_id, OTHER_FIRM), OTHER_FIRM)
    erasure = (await desk.run(request_erasure, OFFICER, OTHER_FIRM, "request-of-the-subject")).id
    held = {"region": HERE, "subject_kind": "case", "subject_id": submitted, "reason": "audit"}
    hold = (await desk.request(OFFICER, "POST", "/holds", 201, json=held))["id"]
    file = (await desk.give(draft, FIRM, text="Given"))["id"]
    listed = examples(call_id, draft, submitted, erasure, hold, file)
    await assert_guarded(desk.client, desk.app, desk.issuer.mint, listed, open_to_all=OPEN)


def examples(call_id: str, draft: str, submitted: str, erasure: object, hold: str, file: str) -> dict[Route, Example]:
    lists = "a list shows what the caller may see"
    call, mine, theirs = {"call_id": call_id}, {"application_id": draft}, {"application_id": submitted}
    extension = {"closes_at": (CLOSES + timedelta(days=1)).isoformat(), "reason": "outage"}
    row = {"row_key": "row-1", "organisation_id": str(FIRM), "form": form_with()}

    def here(**request: Any) -> Example:
        return Example(region=HERE, organisation=FIRM, **request)

    return {
        ("POST", f"{ROOT}/calls"): here(json=call_definition().model_dump(mode="json")),
        ("GET", f"{ROOT}/calls"): Example(unbound=lists),
        ("GET", f"{ROOT}/calls/{{call_id}}"): here(path=call, owned=False),
        ("GET", f"{ROOT}/calls/{{call_id}}/form"): here(path=call, owned=False),
        ("POST", f"{ROOT}/calls/{{call_id}}/extension"): here(path=call, json=extension),
        ("POST", f"{ROOT}/applications"): here(
            json={"call_id": call_id, "form": {}}, headers={"Idempotency-Key": "guard-walk"}, owned=False
        ),
        ("PUT", f"{ROOT}/applications/{{application_id}}"): here(path=mine, json={"form": {}}),
        ("PATCH", f"{ROOT}/applications/{{application_id}}/sections/{{section}}"): here(
            path=mine | {"section": "project"}, json={"version": 0, "answers": {}}
        ),
        ("GET", f"{ROOT}/applications/{{application_id}}/sections"): here(path=theirs),
        ("POST", f"{ROOT}/applications/{{application_id}}/files"): here(
            path=mine,
            query={"question": OFFER},
            content=sample_pdf("Another"),
            headers={"Idempotency-Key": "guard-file", "File-Name": "a.pdf"},
        ),
        ("GET", f"{ROOT}/applications/{{application_id}}/files"): here(path=theirs),
        ("GET", f"{ROOT}/applications/{{application_id}}/files/{{file_id}}"): here(path=mine | {"file_id": file}),
        ("DELETE", f"{ROOT}/applications/{{application_id}}/files/{{file_id}}"): here(path=mine | {"file_id": file}),
        ("GET", f"{ROOT}/applications/{{application_id}}/receipt"): here(path=theirs),
        ("GET", f"{ROOT}/applications"): Example(unbound=lists),
        ("GET", f"{ROOT}/applications/{{application_id}}"): here(path=theirs),
        ("GET", f"{ROOT}/applications/{{application_id}}/eligibility"): here(path=theirs),
        ("GET", f"{ROOT}/applications/{{application_id}}/versions"): here(path=theirs),
        ("POST", f"{ROOT}/applications/{{application_id}}/submission"): here(path=mine),
        ("POST", f"{ROOT}/applications/{{application_id}}/return"): here(path=theirs, json={"fields": ["project.summary"], "note": ""}),
        ("POST", f"{ROOT}/applications/{{application_id}}/screening"): here(path=theirs),
        ("POST", f"{ROOT}/calls/{{call_id}}/screening"): here(path=call),
        ("POST", f"{ROOT}/applications/{{application_id}}/withdrawal"): here(path=theirs, json={"reason": "given-up"}),
        ("POST", f"{ROOT}/imports"): here(json={"call_id": call_id, "rows": [row]}),
        ("POST", f"{ROOT}/holds"): here(json={"region": HERE, "subject_kind": "case", "subject_id": submitted, "reason": "audit"}),
        ("POST", f"{ROOT}/holds/{{hold_id}}/lifting"): here(path={"hold_id": hold}, json={"reason": "audit-over"}, actor="second"),
        ("GET", f"{ROOT}/holds"): Example(unbound=lists),
        ("GET", f"{ROOT}/retention-runs"): Example(unbound=lists),
        ("GET", f"{ROOT}/retention-results"): Example(unbound=lists),
        ("GET", f"{ROOT}/accesses"): Example(unbound=lists),
        ("GET", f"{ROOT}/figures"): Example(unbound="sums and counts of all regions"),
        ("GET", f"{ROOT}/lookup"): here(query={"ref": submitted}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}"): Example(unbound="shows what the caller may see", path={"organisation_id": FIRM}),
        ("POST", f"{ROOT}/erasures"): here(json={"organisation_id": str(FIRM), "reason": "request-of-the-subject"}),
        ("POST", f"{ROOT}/erasures/{{erasure_id}}/confirmation"): here(path={"erasure_id": erasure}),
        ("GET", f"{ROOT}/history/{{case_id}}"): here(path={"case_id": submitted}),
    }
