"""Pages about what is kept: an import that is looked at first, an erasure and how far it is, and the export of an organisation."""

import asyncio
import json
import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args
from uuid import UUID

import pytest

from portal.client.base import ApiProblem, NewFile, NoAnswer
from portal.client.people import MailView
from portal.kit import subjects
from portal.kit.uploads import SentFile
from portal.kit.visit import Visit
from portal.officer import erasures, holds, imports, retention
from portal.programme import audit, mails
from tests.unit.test_portal_desks import CALL, REGION, Visitor, content, visitor

FIRM, NOW = UUID(int=4), datetime(2026, 3, 2, 11, tzinfo=UTC)
LINE = {"line": 1, "applicant": "Studio Šlag", "title": None, "application_id": None, "receipt": None, "detail": None, "field": None}
ROWS = b'{"row_key": "1"}\n'


def importing(visit: Visitor, answer: Any, asked: list[tuple[str, NewFile, str | None]]) -> Visitor:
    """`answer`: lines of the file, or a refusal; what is asked of the service is noted."""

    async def call(*_: Any) -> Any:
        return SimpleNamespace(id=CALL, title={"en": "Creative voucher"}, region=REGION, state="open")

    def post(act: str) -> Any:
        async def posted(_caller: object, file: NewFile, *, separator: str | None, **_: Any) -> Any:
            asked.append((act, file, separator))
            if isinstance(answer, ApiProblem):
                raise answer
            return SimpleNamespace(lines=[SimpleNamespace(**(LINE | one)) for one in answer])

        return posted

    services: Any = SimpleNamespace(get_call=call, post_import_preview=post("preview"), post_import_file=post("file"))
    visit.services.applications = services  # type: ignore[misc]
    visit.request.scope["path_params"] = {"call_id": CALL}
    return visit


class Sent:
    """A form with one file."""

    async def files(self, _largest: int) -> Any:
        yield SentFile("list.csv", ROWS)


def test_import_does_what_was_looked_at() -> None:
    asked: list[Any] = []
    first = importing(visitor("/import", form=[("separator", "tab")]), [{"outcome": "imported"}, {"outcome": "refused", "line": 2}], asked)
    first.files = Sent()  # type: ignore[assignment]
    shown = content(asyncio.run(imports.take(first)))
    assert "Nothing is imported yet" in shown
    assert "Import 1 application" in shown
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    assert urlsafe_b64decode(sent["content"]) == ROWS
    then = importing(visitor("/import", form=list(sent.items())), [{"outcome": "imported"}], asked)
    done = content(asyncio.run(imports.take(then)))
    assert "1 application is imported and submitted" in done
    assert 'name="content"' not in done
    assert asked == [(act, NewFile("list.csv", ROWS), "\t") for act in ("preview", "file")]


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ([{"outcome": "refused", "detail": "The row has no name.", "field": "form.applicant.name"}], 200, "Nothing of it can be imported"),
        (ApiProblem(422, {"code": "no-rows", "errors": [{"field": "file", "reason": "No rows."}]}), 422, "No rows."),
    ],
)
def test_file_that_cannot_be_imported_offers_no_import(answer: Any, status: int, said: str) -> None:
    visit = importing(visitor("/import"), answer, [])
    visit.files = Sent()  # type: ignore[assignment]
    response = asyncio.run(imports.take(visit))
    assert (response.status_code, said in content(response), 'name="content"' in content(response)) == (status, True, False)


def holding(**answers: Any) -> dict[str, Any]:
    """The services: what each says of the organisation, or how it refuses."""

    def service(answer: Any) -> Any:
        async def read(*_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return SimpleNamespace(read_subject_erasure=read, read_subject=read)

    return {name: service(answers.get(name, ApiProblem(404, {}))) for name in ("applications", "evaluation", "payments", "vouchers")}


def erasing(parts: dict[str, Any], *, confirmed: bool, mine: bool) -> Visitor:
    services = holding(**parts)
    person = UUID(int=9)

    async def erasure(*_: Any) -> Any:
        return SimpleNamespace(
            id=UUID(int=5), organisation_id=FIRM, region=REGION, reason="request-of-the-subject", receipts=["KPR-1"], requested_at=NOW,
            requested_by=str(person if mine else UUID(int=8)), confirmed_by="operator" if confirmed else None,
            confirmed_at=NOW if confirmed else None,
        )  # fmt: skip

    async def names(*_: Any, **__: Any) -> Any:
        return []

    services["applications"].get_erasure = erasure
    visit = visitor("/officer/erasures/5", **services, people=SimpleNamespace(list_names=names))
    visit.request.scope["path_params"] = {"erasure_id": UUID(int=5)}
    visit.session.person_id = person  # type: ignore[misc, union-attr]
    return visit


ERASED, KEPT = SimpleNamespace(erased_at=NOW), SimpleNamespace(erased_at=None)


@pytest.mark.parametrize(
    ("parts", "confirmed", "mine", "said", "asks"),
    [
        ({"applications": KEPT}, False, True, "You requested it. Another officer confirms it", False),
        ({"applications": KEPT}, False, False, "It waits for a second officer", True),
        ({"applications": ERASED, "payments": KEPT}, True, False, "A service below has not erased yet", False),
        ({"applications": ERASED, "payments": NoAnswer(503, {})}, True, False, "Gives no answer now", False),
        ({"applications": ERASED, "payments": ERASED}, True, False, "Nothing is left to do", False),
    ],
    ids=["mine", "another-one-s", "on-its-way", "silent", "complete"],
)
def test_erasure_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, parts: dict[str, Any], confirmed: bool, mine: bool, said: str, asks: bool
) -> None:
    monkeypatch.setattr(Visitor, "regions_by_role", {"officer": [REGION]})
    shown = content(asyncio.run(erasures.erasure(erasing(parts, confirmed=confirmed, mine=mine))))
    assert said in shown
    assert ("/confirmation" in shown) is asks


def exported(**answers: Any) -> Any:
    visit: Visit = visitor("/export", **holding(**answers))
    return json.loads(asyncio.run(subjects.export(visit, FIRM)).body)


def test_export_is_whole_or_none() -> None:
    part = SimpleNamespace(model_dump=lambda mode: {"service": "applications"})
    assert exported(applications=part) == [{"service": "applications"}]
    for answers, refusal in (({}, ApiProblem), ({"applications": part, "payments": NoAnswer(503, {})}, NoAnswer)):
        with pytest.raises(refusal):
            exported(**answers)


def listing(*items: Any) -> Any:
    async def listed(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(items=list(items), next=None, total=len(items), total_is_exact=True)

    return listed


def keeping(path: str, monkeypatch: pytest.MonkeyPatch, **applications: Any) -> Visitor:
    """An officer, and what the service of applications answers; persons have no names."""
    monkeypatch.setattr(Visitor, "regions_by_role", {"officer": [REGION]})

    async def names(*_: Any, **__: Any) -> Any:
        return []

    visit = visitor(path, applications=SimpleNamespace(**applications), people=SimpleNamespace(list_names=names))
    visit.session.person_id = UUID(int=9)  # type: ignore[misc, union-attr]
    visit.request.scope["path_params"] = {"organisation_id": FIRM, "application_id": CALL}
    return visit


HELD = SimpleNamespace(
    id=UUID(int=6), region=REGION, subject_kind="organisation", subject_id=FIRM, reason="court-case", placed_by=str(UUID(int=9)),
    placed_at=NOW, lifted_at=None, lifted_by=None, lifting_reason=None, receipts=["KPR-1", "KPR-2"],
)  # fmt: skip
LIFTED = SimpleNamespace(**vars(HELD) | {"lifted_at": NOW, "lifted_by": "operator", "lifting_reason": "a-code-of-a-program"})


def test_holds_are_listed_with_words_and_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    of_another = SimpleNamespace(**vars(HELD) | {"placed_by": str(UUID(int=8))})
    listed = listing(HELD, of_another, LIFTED)
    shown = content(asyncio.run(holds.holds(keeping("/officer/holds", monkeypatch, list_holds=listed))))
    assert shown.count("A court case") == 3
    assert shown.count("Another officer lifts it") == 1
    assert "KPR-1, KPR-2" in shown
    assert "Lifted by the operator: a code of a program" in shown
    assert shown.count("/lifting") == 1


@pytest.mark.parametrize(
    ("form", "placed"),
    [
        ([("subject", "case"), ("reason", "audit")], ("case", CALL)),
        ([("subject", "organisation"), ("reason", "audit")], ("organisation", FIRM)),
        ([("subject", "case"), ("reason", "other")], None),
        ([("reason", "audit")], None),
    ],
)
def test_hold_is_placed_on_what_was_chosen(monkeypatch: pytest.MonkeyPatch, form: Any, placed: Any) -> None:
    taken: list[Any] = []

    async def application(*_: Any) -> Any:
        return SimpleNamespace(id=CALL, organisation_id=FIRM, region=REGION, receipt="KPR-1")

    async def post(_caller: object, body: Any) -> None:
        taken.append((body.subject_kind, body.subject_id))

    visit = keeping("/officer/applications/7/hold", monkeypatch, get_application=application, post_hold=post)
    visit.form = visitor(form=form).form

    async def take() -> Any:
        return await (await holds.placing(visit)).take(visit)

    response = asyncio.run(take())
    assert (response.status_code, taken) == ((303, [placed]) if placed else (422, []))


def test_retention_says_what_goes_next_and_what_went(monkeypatch: pytest.MonkeyPatch) -> None:
    due = {"application_id": CALL, "region": REGION, "policy_id": "p", "kept_until": NOW}
    rows = [SimpleNamespace(**due, receipt="KPR-1", retention_class="refused", held=True)]
    rows += [SimpleNamespace(**due, receipt=None, retention_class="draft", held=False)]
    run = SimpleNamespace(id=UUID(int=8), region=REGION, at=NOW, removed=3, held=0, failed=1)

    async def list_due(_caller: object, *, region: str | None, within_days: int, limit: int) -> Any:
        assert (region, within_days) == (None, 90)
        return SimpleNamespace(items=rows, total=60)

    visit = keeping("/officer/retention", monkeypatch, list_due_cases=list_due, list_retention_runs=listing(run))
    visit.request.scope["query_string"] = b"days=90"
    shown = content(asyncio.run(retention.retention(visit)))
    assert [
        words
        for words in ("60 cases. The first 2 stand here", "Is removed by the next run", "Held", "outcome=failed")
        if words not in shown
    ] == []


def test_what_is_kept_of_an_organisation_leads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    case = SimpleNamespace(id=CALL, receipt="KPR-1", title="Lamps", region=REGION, state="withdrawn")
    visit = keeping(
        "/officer/organisations/4", monkeypatch, list_applications=listing(case), list_holds=listing(HELD), list_erasures=listing()
    )
    shown = content(asyncio.run(erasures.organisation(visit)))
    said = ("A legal hold is in force", "placed by you: A court case", f"/officer/organisations/{FIRM}/erasure", f"/{FIRM}/export", "Lamps")
    assert [words for words in said if words not in shown] == []


def test_every_mail_of_a_record_has_words() -> None:
    for field, names in (("template", mails.kinds("en")), ("state", mails.states("en"))):
        assert set(names) == set(get_args(MailView.model_fields[field].annotation)), field


def test_readings_are_named_as_a_person_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application by its number, anything else by its id; the right and how much was read in the reader's language."""
    about = {"at": NOW, "reader": "system", "region": REGION, "permission": "read-history", "shown": "listed"}
    readings = [SimpleNamespace(**about, subject_id=identity) for identity in (CALL, FIRM)]
    known = SimpleNamespace(id=CALL, receipt="KPR-1")
    visit = keeping("/audit/accesses/applications", monkeypatch, list_accesses=listing(*readings), list_applications=listing(known))
    visit.request.scope["path_params"] = {"service": "applications"}
    shown = content(asyncio.run(audit.accesses(visit)))
    said = (f'href="/audit/case?ref={CALL}">KPR-1</a>', f">{FIRM}</a>", "Title and name in a list")
    assert [words for words in said if words not in shown] == []
    visit.language = "hr"
    assert "read history" not in content(asyncio.run(audit.accesses(visit)))
