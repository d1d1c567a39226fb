"""Every route refuses a caller without token, with an expired one, of a wrong role, another region or another organisation."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.applications.commands.act_on_applications import BulkAct, act_on_applications
from services.applications.commands.change_call_draft import change_call_draft
from services.applications.commands.draft_call import draft_call
from services.applications.commands.propose_overrule import propose_overrule
from services.applications.commands.propose_scheme_file import propose_scheme_file
from services.applications.commands.request_erasure import request_erasure
from services.applications.commands.return_call_draft import return_call_draft
from services.applications.commands.submit_call_draft import submit_call_draft
from services.applications.commands.write_note import write_note
from services.applications.domain.bulk import BulkAction
from services.applications.domain.call_drafts import read_content
from shared.policy.scheme_files import SchemeFileKind
from simulation.sample_files import sample_pdf
from tests.integration.applications.conftest import OFFER, Desk
from tests.support.applications import CLOSES, FIRM, HERE, KEY, OFFICER, OTHER_FIRM, call_definition, form_with
from tests.support.routes import Example, Route, assert_guarded
from tests.support.scheme_files import later_file

ROOT = "/api/applications"
DAYS = date(2026, 6, 1), date(2026, 7, 1)
OPEN = {
    *(f"{ROOT}/open-awards", f"{ROOT}/open-awards.csv", f"{ROOT}/regions"),
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
    listed = examples(call_id, draft, submitted, file) | record_examples(call_id, submitted, erasure, hold)
    listed |= await officers_examples(desk, call_id)
    await assert_guarded(desk.client, desk.app, desk.issuer.mint, listed, open_to_all=OPEN)


async def officers_examples(desk: Desk, call_id: str) -> dict[Route, Example]:
    """Of screening and of drafts of calls, with what they are about."""
    screened = {name: str(value) for name, value in (await in_screening(desk, call_id)).items()}
    drafts = [await in_writing(desk, f"guarded-{number}") for number in range(4)]
    await desk.run(return_call_draft, OFFICER, drafts[2], "Once more.")
    rules = [(await desk.run(propose_scheme_file, OFFICER, SchemeFileKind.POLICY, later_file(day))).id for day in DAYS]
    return screening_examples(call_id, screened) | draft_examples(*map(str, drafts)) | rules_examples(*map(str, rules))


def rules_examples(published: str, refused: str) -> dict[Route, Example]:
    """Of policies and forms that an officer has proposed."""
    one = f"{ROOT}/scheme-files/{{proposal_id}}"
    file = {"kind": "policy", "text": later_file(date(2026, 8, 1))}
    return {
        ("GET", f"{ROOT}/scheme-files"): Example(unbound="a list shows what the caller may see"),
        ("POST", f"{ROOT}/scheme-files"): Example(region=HERE, json=file),
        ("POST", f"{ROOT}/scheme-files/check"): Example(region=HERE, json=file),
        ("GET", one): Example(region=HERE, path={"proposal_id": published}),
        ("POST", f"{one}/publication"): Example(region=HERE, path={"proposal_id": published}),
        ("POST", f"{one}/refusal"): Example(region=HERE, path={"proposal_id": refused}, json={"words": "Not yet."}),
    }


async def in_writing(desk: Desk, slug: str) -> UUID:
    """A draft of a call that an officer has submitted."""
    draft = await desk.run(draft_call, OFFICER, HERE, "digital-voucher", None)
    texts = dict.fromkeys(("hr", "en"), "A call")
    values = call_definition().model_dump(mode="json", exclude={"region", "scheme", "currency", "reminders_before_days", "round"})
    await desk.run(change_call_draft, OFFICER, draft.id, 1, read_content(values | {"id": slug, "text": texts}))
    await desk.run(submit_call_draft, OFFICER, draft.id)
    return draft.id


def draft_examples(published: str, returned: str, submitted: str, preview: str) -> dict[Route, Example]:
    one = f"{ROOT}/call-drafts/{{draft_id}}"

    def here(draft_id: str, **request: Any) -> Example:
        return Example(region=HERE, path={"draft_id": draft_id}, **request)

    return {
        ("GET", f"{ROOT}/schemes"): Example(unbound="a list shows what the caller may see"),
        ("GET", f"{ROOT}/call-drafts"): Example(unbound="a list shows what the caller may see"),
        ("POST", f"{ROOT}/call-drafts"): Example(
            region=HERE, json={"region": HERE, "scheme": "digital-voucher"}, headers={"Idempotency-Key": "guard-draft"}
        ),
        ("GET", one): here(preview),
        ("GET", f"{one}/preview"): here(preview),
        ("POST", f"{one}/publication"): here(published),
        ("POST", f"{one}/return"): here(returned, json={"words": "The dates."}),
        ("PUT", one): here(returned, json={"version": 2, "content": {"id": "guarded-other"}}),
        ("POST", f"{one}/discarding"): here(returned),
        ("POST", f"{one}/submission"): here(submitted),
    }


async def in_screening(desk: Desk, call_id: str) -> dict[str, object]:
    """An application with a flag, two overrules that wait, and an act on many."""
    identity = UUID(await desk.submitted(call_id, UUID(int=3), project__title="A project that is screened"))
    flag = await desk.run(write_note, OFFICER, identity, "Look at it.", flag=True)
    first, second = [
        await desk.run(propose_overrule, OFFICER, identity, rule, False, "Not so.", hash_key=KEY) for rule in ("sme-size", "activity")
    ]
    act = await desk.run(act_on_applications, OFFICER, UUID(call_id), BulkAct(BulkAction.FLAG, [identity], KEY, words="Look."))
    return {"application": identity, "note": flag.id, "first": first.id, "second": second.id, "act": act.id}


def screening_examples(call_id: str, made: dict[str, str]) -> dict[Route, Example]:
    call, case = {"call_id": call_id}, {"application_id": made["application"]}
    bulk = {"action": "flag", "application_ids": [made["application"]], "words": "Look at them."}

    def here(**request: Any) -> Example:
        return Example(region=HERE, **request)

    return {
        ("GET", f"{ROOT}/calls/{{call_id}}/screening"): here(path=call),
        ("GET", f"{ROOT}/calls/{{call_id}}/invitations"): here(path=call),
        ("GET", f"{ROOT}/invitations"): Example(unbound="a list shows what the caller may see"),
        ("GET", f"{ROOT}/screening-counts"): Example(unbound="a list shows what the caller may see"),
        ("GET", f"{ROOT}/found-cases"): Example(unbound="a list shows what the caller may see", query={"text": "a project"}),
        ("GET", f"{ROOT}/applications/{{application_id}}/screening"): here(path=case),
        ("POST", f"{ROOT}/applications/{{application_id}}/notes"): here(path=case, json={"words": "A note."}),
        ("POST", f"{ROOT}/notes/{{note_id}}/lifting"): here(path={"note_id": made["note"]}),
        ("POST", f"{ROOT}/overrules/{{overrule_id}}/confirmation"): here(path={"overrule_id": made["first"]}),
        ("POST", f"{ROOT}/overrules/{{overrule_id}}/refusal"): here(path={"overrule_id": made["second"]}),
        ("POST", f"{ROOT}/applications/{{application_id}}/overrules"): here(
            path=case, json={"rule": "place", "passed": False, "words": "Too large."}, actor="second"
        ),
        ("GET", f"{ROOT}/overrules"): Example(unbound="a list shows what the caller may see"),
        ("POST", f"{ROOT}/calls/{{call_id}}/bulk-acts"): here(path=call, json=bulk, headers={"Idempotency-Key": "guard-bulk"}),
        ("GET", f"{ROOT}/calls/{{call_id}}/repairs"): here(path=call),
        ("GET", f"{ROOT}/bulk-acts/{{bulk_id}}"): here(path={"bulk_id": made["act"]}),
        ("POST", f"{ROOT}/bulk-acts/{{bulk_id}}/undoing"): here(path={"bulk_id": made["act"]}),
    }


def record_examples(call_id: str, submitted: str, erasure: object, hold: str) -> dict[Route, Example]:
    """Of what is kept, and of files with applications."""
    lists = "a list shows what the caller may see"
    row = {"row_key": "row-2", "organisation_id": str(FIRM), "form": form_with()}
    file = {"query": {"call_id": call_id}, "content": json.dumps(row).encode(), "headers": {"File-Name": "a.jsonl"}}

    def here(**request: Any) -> Example:
        return Example(region=HERE, organisation=FIRM, **request)

    return {
        ("POST", f"{ROOT}/imports/preview"): here(**file),
        ("POST", f"{ROOT}/imports/file"): here(**file),
        ("POST", f"{ROOT}/holds"): here(json={"region": HERE, "subject_kind": "case", "subject_id": submitted, "reason": "audit"}),
        ("POST", f"{ROOT}/holds/{{hold_id}}/lifting"): here(path={"hold_id": hold}, json={"reason": "audit-over"}, actor="second"),
        ("GET", f"{ROOT}/holds"): Example(unbound=lists),
        ("GET", f"{ROOT}/holds/{{hold_id}}"): here(path={"hold_id": hold}),
        ("GET", f"{ROOT}/due-cases"): Example(unbound=lists),
        ("GET", f"{ROOT}/retention-runs"): Example(unbound=lists),
        ("GET", f"{ROOT}/retention-results"): Example(unbound=lists),
        ("GET", f"{ROOT}/erasures"): Example(unbound=lists),
        ("GET", f"{ROOT}/erasures/{{erasure_id}}"): here(path={"erasure_id": erasure}),
        ("POST", f"{ROOT}/erasures"): here(json={"organisation_id": str(FIRM), "reason": "request-of-the-subject"}),
        ("POST", f"{ROOT}/erasures/{{erasure_id}}/confirmation"): here(path={"erasure_id": erasure}),
    }


def examples(call_id: str, draft: str, submitted: str, file: str) -> dict[Route, Example]:
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
        ("POST", f"{ROOT}/calls/{{call_id}}/correction"): here(
            path=call, json={"version": 1, "title": {"en": "Corrected", "hr": "Ispravljeno"}, "text": {}, "words": "A slip."}
        ),
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
        ("GET", f"{ROOT}/accesses"): Example(unbound=lists),
        ("GET", f"{ROOT}/desk"): Example(unbound="counts of what the caller may see"),
        ("GET", f"{ROOT}/pipelines"): Example(unbound="those of the regions of the caller", query={"call_id": str(UUID(int=7))}),
        ("GET", f"{ROOT}/calls/{{call_id}}/replay-values"): here(path=call),
        ("POST", f"{ROOT}/calls/{{call_id}}/replay"): here(path=call, json={"scenarios": [{"name": "Other"}]}),
        ("GET", f"{ROOT}/figures"): Example(unbound="sums and counts of all regions"),
        ("GET", f"{ROOT}/lookup"): here(query={"ref": submitted}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}"): Example(unbound="shows what the caller may see", path={"organisation_id": FIRM}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}/erasure"): Example(unbound="what one may see", path={"organisation_id": FIRM}),
        ("GET", f"{ROOT}/history/{{case_id}}"): here(path={"case_id": submitted}),
    }
