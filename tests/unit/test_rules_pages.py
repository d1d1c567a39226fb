"""Pages of policies and forms: a file that is looked at, proposed, and read by the second officer."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import Request

from portal.client.applications import SchemeFileCheckView, SchemeFileView
from portal.client.base import ApiProblem, Caller
from portal.kit.forms import Form
from portal.kit.names import Names
from portal.kit.visit import Region, Regions, Visit
from portal.officer import rules

PROPOSAL, ME, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
HERE = Region("hr-koprivnica", {"en": "Koprivnica"}, "Europe/Zagreb")
DIFFERENCES = [
    {"place": "claims.within.value", "before": "30", "after": "45"},
    {"place": "limits.freed_by", "before": None, "after": "declined, lapsed"},
    {"place": "grace.value", "before": "10", "after": None},
]
CHECK: dict[str, Any] = {
    "place": "hr-koprivnica/digital-voucher/2027-06-01.toml", "rules_id": "rules@2", "compared_with": "rules@1",
    "differences": DIFFERENCES, "faults": [],
}  # fmt: skip
FILE: dict[str, Any] = CHECK | {
    "id": PROPOSAL, "kind": "policy", "region": HERE.id, "scheme": "digital-voucher", "effective_from": date(2027, 6, 1),
    "state": "submitted",
    "own": False, "proposed_by": str(OTHER), "proposed_at": datetime(2026, 11, 30, 12, tzinfo=UTC), "decided_by": None, "decided_at": None,
    "words": "", "text": "a = '<b>'",
}  # fmt: skip


class Officer(Visit):
    async def caller(self) -> Caller:
        return Caller()

    async def at(self, region_id: str) -> None:
        self.place = HERE

    async def regions(self, newer_than: float | None = None) -> Regions:
        return Regions({HERE.id: HERE})


def visit(monkeypatch: pytest.MonkeyPatch, form: dict[str, str] | None = None, **answers: Any) -> Visit:
    """Each of `answers`: what the API gives, or the problem that it raises."""

    def method(answer: Any) -> Any:
        async def ask(*_: Any, **__: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask

    async def known(names: Names, actors: Any) -> None:
        names._known = {str(OTHER): "Ada Example"}

    monkeypatch.setattr(Names, "learn", known)
    monkeypatch.setattr(Names, "by", lambda names, actor: {str(OTHER): "Ada Example"}.get(actor or "", "you"))
    scope = {
        "type": "http",
        "method": "GET",
        "path": rules.PATH,
        "query_string": b"",
        "headers": [],
        "path_params": {"proposal_id": PROPOSAL},
    }
    applications = SimpleNamespace(**{name: method(answer) for name, answer in answers.items()})
    services: Any = SimpleNamespace(applications=applications)
    return Officer(Request(scope), services, "en", form=Form(tuple((form or {}).items())))


def shown(answer: Any) -> str:
    return " ".join(bytes(answer.body).decode().replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("changed", "says", "lacks"),
    [
        (
            {},
            (
                "Ada Example",
                "Tuesday 1 June 2027",
                "claims.within.value",
                "is not there",
                "is left out",
                "/publication",
                "Do not publish it",
            ),
            ("Take",),
        ),
        ({"own": True}, ("You proposed it", "Take it back"), ("/publication",)),
        ({"faults": ["effective_from: 2027-06-01 has passed"]}, ("effective_from: 2027-06-01 has passed",), ("/publication",)),
        (
            {"state": "published", "decided_by": str(ME)},
            ("Calls and cases from before keep their rules", "Decided by"),
            ("/refusal", "/publication"),
        ),
        ({"state": "refused", "words": "Too <early>"}, ("Not published", "Too &lt;early&gt;"), ("/refusal", "/publication")),
        ({"compared_with": None, "differences": []}, ("all of it is new", "No value is another one"), ()),
    ],
    ids=["second officer", "own", "past", "published", "refused", "first"],
)
def test_page_says_what_changes_and_who_acts(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], says: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    found = SchemeFileView.model_validate(FILE | changed)
    text = shown(asyncio.run(rules.file(visit(monkeypatch, get_scheme_file=found))))
    assert [words for words in says if words not in text] == []
    assert [words for words in lacks if words in text] == []
    assert "a = &#39;&lt;b&gt;&#39;" in text


def test_file_with_faults_comes_back_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SchemeFileCheckView.model_validate(CHECK | {"faults": ["claims.within.value: Input should be a valid integer"]})
    typed = {"kind": "policy", "text": "a = 1 # <typed>", "act": "propose"}
    answer = asyncio.run(rules.look(visit(monkeypatch, typed, post_scheme_file_check=found)))
    assert answer.status_code == 422
    text = shown(answer)
    assert "a = 1 # &lt;typed&gt;" in text
    assert "claims.within.value: Input should be a valid integer" in text
    assert 'href="#text"' in text
    assert 'value="propose"' not in text


def test_file_without_faults_is_looked_at_then_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "post_scheme_file_check": SchemeFileCheckView.model_validate(CHECK), "post_scheme_file": SchemeFileView.model_validate(FILE),
    }  # fmt: skip
    looked = asyncio.run(rules.look(visit(monkeypatch, {"kind": "policy", "text": "a = 1"}, **answers)))
    assert (looked.status_code, 'value="propose"' in shown(looked)) == (200, True)
    done = asyncio.run(rules.look(visit(monkeypatch, {"kind": "policy", "text": "a = 1", "act": "propose"}, **answers)))
    assert (done.status_code, done.headers["location"]) == (303, f"{rules.PATH}/{PROPOSAL}?done=proposed")


@pytest.mark.parametrize(("form", "field"), [({}, "file"), ({"text": "a = 1"}, "file")], ids=["nothing", "of another region"])
def test_what_cannot_be_looked_at_says_why(monkeypatch: pytest.MonkeyPatch, form: dict[str, str], field: str) -> None:
    refused = ApiProblem(403, {"code": "wrong-region", "detail": "This is of another region."})
    answer = asyncio.run(rules.look(visit(monkeypatch, form, post_scheme_file_check=refused)))
    assert (answer.status_code, f'href="#{field}"' in shown(answer)) == (422, True)
