"""What an evaluator sees of an application, for every answer of the form and in every state of the assignment."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import BaseModel

from services.applications.app import SERVICE
from services.applications.domain.form import Form
from shared.contracts.evaluation import AwardGranted, AwardRefused, EvaluatorAssigned, EvaluatorDeclared, EvaluatorRecused
from shared.contracts.evaluation import PlacedOnReserveList as Reserved
from shared.identity.actor import Actor, Role, grants
from shared.policy.resolver import PolicyBook
from tests.integration.applications.conftest import Desk, FreshDatabase
from tests.support.applications import BEFORE, BOOK, CLOSES, FIRM, HERE, KEY, OPEN, OTHER_FIRM, evaluator, form_with, policy
from tests.support.desk import FrozenClock, assembled
from tests.support.identity import Issuer

READER, COLLEAGUE = evaluator("e-1"), evaluator("e-2")
WHOLE_FORM = form_with(
    firm__public_control_bp=1,
    firm__related=[{"share_bp": 3000, "staff": 1, "turnover_minor": 1, "balance_minor": 1}],
    project__s3_field="creative-industries",
    project__partner_region="dk-kolding",
    de_minimis__aid=[{"granted_on": "2024-05-01", "amount_minor": 1}],
)


def paths(model: type[BaseModel] = Form, above: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from paths(part, f"{above}{name}.")
        else:
            yield above + name


LATER = frozenset(
    {
        *("firm.staff_hundredths", "firm.exempt_holders", "costs.other_public_minor", "applicant.activity_revision"),
        *("de_minimis.sectors", "de_minimis.apart", "de_minimis.purposes"),
    }
)
"""What the forms of December 2026 ask in the place of others, or besides."""
ALL = frozenset(paths()) - {"extra"} - LATER
BLIND = frozenset({"synthetic", *(one.id for one in BOOK.form(None).questions if one.blind)})
NONE = frozenset[str]()


def shown(form: dict[str, Any]) -> frozenset[str]:
    """The paths of the answers that have a value."""
    return frozenset(path for path in ALL if _value(form, path) not in (None, [], False))


def _value(form: dict[str, Any], path: str) -> Any:
    part, _, name = path.rpartition(".")
    return (form[part] if part else form)[name]


@dataclass
class Case:
    desk: Desk
    id: str
    call_id: str

    @property
    def about(self) -> dict[str, Any]:
        return {"application_id": UUID(self.id), "call_id": UUID(self.call_id), "region": HERE}

    @property
    def of_reader(self) -> dict[str, Any]:
        return {**self.about, "assignment_id": UUID(int=77), "evaluator_id": READER.id}

    def assigned(self) -> EvaluatorAssigned:
        return EvaluatorAssigned(**self.of_reader, seat=1, due_at=CLOSES)

    def declared(self) -> EvaluatorDeclared:
        return EvaluatorDeclared(**self.of_reader)

    def recused(self) -> EvaluatorRecused:
        return EvaluatorRecused(**self.of_reader)

    async def withdraw(self) -> None:
        await self.desk.withdraw(self.id, FIRM)

    async def decide(self, outcome: str) -> None:
        award = {"award_id": UUID(int=5), "grant_number": 1, "organisation_id": FIRM, "scheme": "x", "amount_minor": 1, "currency": "EUR"}
        event = {
            "granted": lambda: AwardGranted(**self.about, **award, policy_id="x", rank=1, from_reserve=False),  # type: ignore[arg-type]
            "reserve": lambda: Reserved(**self.about, position=3),
            "refused": lambda: AwardRefused(**self.about, rules=["below-threshold"]),
        }[outcome]()
        await self.desk.deliver(event)


STATES: dict[str, tuple[Callable[[Case], list[Any]], frozenset[str], frozenset[str]]] = {
    "no assignment": (lambda case: [], NONE, NONE),
    "assignment of another": (lambda case: [case.assigned().model_copy(update={"evaluator_id": COLLEAGUE.id})], NONE, NONE),
    "assigned": (lambda case: [case.assigned()], BLIND, BLIND),
    "declared": (lambda case: [case.assigned(), case.declared()], ALL, BLIND),
    "declared before assigned": (lambda case: [case.declared(), case.assigned()], ALL, BLIND),
    "assigned twice": (lambda case: [case.assigned(), case.declared(), case.assigned(), case.declared()], ALL, BLIND),
    "recused": (lambda case: [case.assigned(), case.recused()], NONE, NONE),
    "recused after the declaration": (lambda case: [case.assigned(), case.declared(), case.recused()], NONE, NONE),
    "declaration late, after the recusal": (lambda case: [case.assigned(), case.recused(), case.declared()], NONE, NONE),
    "recusal first": (lambda case: [case.recused(), case.declared(), case.assigned()], NONE, NONE),
    "withdrawn": (lambda case: [case.assigned(), case.declared(), case.withdraw], NONE, NONE),
    "withdrawn, not declared": (lambda case: [case.assigned(), case.withdraw], NONE, NONE),
    **{
        outcome: (lambda case, outcome=outcome: [case.assigned(), case.declared(), lambda: case.decide(outcome)], NONE, NONE)
        for outcome in ("granted", "reserve", "refused")
    },
    "assigned after the decision": (lambda case: [lambda: case.decide("refused"), case.assigned(), case.declared()], NONE, NONE),
}
"""What happens in each state, and what the evaluator then sees under an open and under a blind policy."""

Open = Callable[[bool], Awaitable[Case]]


@pytest_asyncio.fixture
async def open_case(fresh_database: FreshDatabase, issuer: Issuer) -> AsyncIterator[Open]:
    """A submitted application in a call whose policy has criteria, blind or not."""
    url, clock = await fresh_database("applications"), FrozenClock(BEFORE)
    criteria = next(one.evaluation for one in BOOK.all() if one.evaluation)
    books = {}
    for blind in (False, True):
        rules = policy().model_copy(update={"evaluation": criteria.model_copy(update={"blind": blind or None})})
        books[blind] = PolicyBook([rules if one.id == policy().id else one for one in BOOK.all()], BOOK.forms)

    async with (
        assembled(SERVICE, url, issuer, clock, books[False], KEY) as (app, client, sessions),
        assembled(SERVICE, url, issuer, clock, books[True], KEY) as (blind_app, blind_client, _),
    ):

        async def make(blind: bool) -> Case:
            clock.instant = BEFORE
            desk = Desk(blind_app if blind else app, blind_client if blind else client, issuer, sessions, clock)
            call_id = (await desk.publish_call())["id"]
            clock.instant = OPEN
            body = {"call_id": call_id, "form": WHOLE_FORM}
            applicant = Actor("a-1", grants({Role.APPLICANT}, {HERE}), FIRM)
            drafted = await desk.request(applicant, "POST", "/applications", 201, key="whole-form", json=body)
            await desk.submit(drafted["id"], FIRM)
            return Case(desk, drafted["id"], call_id)

        yield make


def test_form_of_the_test_answers_every_question() -> None:
    assert shown(Form.model_validate_json(json.dumps(WHOLE_FORM)).model_dump(mode="json")) == ALL
    assert BLIND < ALL


@pytest.mark.parametrize("blind", [False, True], ids=["open", "blind"])
@pytest.mark.parametrize("state", STATES)
async def test_evaluator_sees_of_the_form_what_the_state_allows(open_case: Open, state: str, blind: bool) -> None:
    case = await open_case(blind)
    happens, in_open, in_blind = STATES[state]
    expected = in_blind if blind else in_open
    for step in happens(case):
        await (step() if callable(step) else case.desk.deliver(step))
    path = f"/applications/{case.id}"
    readable = 200 if expected else 403
    seen = await case.desk.request(READER, "GET", path, readable)
    assert shown(seen["form"]) == expected if expected else seen["code"] == "not-permitted"
    listed = (await case.desk.request(READER, "GET", "/applications"))["items"]
    assert [one["id"] for one in listed] == ([case.id] if expected else [])
    for view in [seen, *listed] if expected else []:
        known = (view["organisation_id"], view["receipt"] is not None, view["blind"])
        assert known == ((str(FIRM), True, False) if expected == ALL else (None, False, True))
    await case.desk.request(READER, "GET", f"{path}/eligibility", 200 if expected == ALL else 403)


async def test_blind_list_does_not_answer_who_applies_by_a_filter(open_case: Open) -> None:
    case = await open_case(False)
    receipt = (await case.desk.read(case.id))["receipt"]
    for step, found in ((case.assigned(), 0), (case.declared(), 1)):
        await case.desk.deliver(step)
        for name, value in (("organisation_id", str(FIRM)), ("receipt", receipt)):
            page = await case.desk.request(READER, "GET", "/applications", params={name: value})
            assert (page["total"], len(page["items"])) == (found, found)
        assert (await case.desk.request(READER, "GET", "/applications", params={"organisation_id": str(OTHER_FIRM)}))["total"] == 0
        assert (await case.desk.request(READER, "GET", "/applications", params={"call_id": case.call_id}))["total"] == 1


async def test_officer_who_evaluates_a_case_is_blind_to_it(open_case: Open) -> None:
    case = await open_case(False)
    both = Actor(READER.id, grants({Role.OFFICER, Role.EVALUATOR}, {HERE}))
    assert shown((await case.desk.request(both, "GET", f"/applications/{case.id}"))["form"]) == ALL
    await case.desk.deliver(case.assigned())
    assert shown((await case.desk.request(both, "GET", f"/applications/{case.id}"))["form"]) == BLIND


async def test_notes_of_a_correction_stay_hidden_from_the_blind(open_case: Open) -> None:
    """An officer's note may name the applicant."""
    case = await open_case(False)
    await case.desk.deliver(case.assigned())
    await case.desk.return_for(case.id, ["applicant.email"])
    seen = await case.desk.request(READER, "GET", f"/applications/{case.id}")
    assert (seen["return_note"], seen["returned_fields"], seen["missing"]) == ("", [], [])
