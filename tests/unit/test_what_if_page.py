"""The page of past calls under other rules: its form, what is wrong with it, its tables, its file; with the answers of the services."""

import asyncio
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response

from portal.client.applications import ReplayFactsView, ReplayValuesView
from portal.client.base import ApiProblem, Caller
from portal.client.evaluation import ReplayView
from portal.kit.visit import Region, Regions, Visit
from portal.programme.what_if import what_if
from services.evaluation.domain.replay import Applicant, PastCall
from services.evaluation.queries.replay import Question
from shared.policy.scenario import RECORD, Scenario, changed_policies, values_of
from shared.policy.schema import Policy
from tests.support.applications import BOOK

RANKING = next(policy for policy in BOOK.all() if policy.evaluation and policy.currency == "EUR")
AWARD, CALL, OTHER = 500_000, UUID(int=1), UUID(int=2)
MARKS = [(30, 28, 18, 9, 8), (25, 28, 16, 9, 8), (22, 20, 14, 8, 7), (20, 18, 12, 6, 6), (14, 14, 9, 5, 5)]


class Reader(Visit):
    """An auditor at the page."""

    async def caller(self) -> Caller:
        return Caller()

    async def regions(self, newer_than: float | None = None) -> Regions:
        return Regions({policy.region: Region(policy.region, {"en": policy.region.title()}) for policy in BOOK.all()})


def values(call_id: UUID, policy: Policy) -> ReplayValuesView:
    criteria = policy.evaluation.criteria if policy.evaluation else ()
    return ReplayValuesView.model_validate(
        {
            "call_id": call_id, "region": policy.region, "policy_id": policy.id, "title": {"en": f"Vouchers {call_id.int}"},
            "selection_method": "ranking", "currency": policy.currency, "envelope_minor": 2 * AWARD, "values": values_of(policy),
            "criteria": [{"id": one.id, "text": one.title["en"]} for one in criteria],
            "rules": [{"id": rule.id, "text": rule.message} for rule in policy.eligibility.rules],
        }
    )  # fmt: skip


class Services:
    """Both services, with five applications that two evaluators scored. `asked`: the scenarios of each question."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.applications = SimpleNamespace(get_call_replay_values=self._values, post_call_replay=self._replayed)
        self.evaluation = SimpleNamespace(post_call_replay=self._replayed)
        self.ids = [UUID(int=100 + number) for number in range(len(MARKS))]

    async def _values(self, _caller: Caller, call_id: UUID) -> ReplayValuesView:
        return values(call_id, RANKING)

    async def _replayed(self, _caller: Caller, call_id: UUID, body: Any) -> Any:
        scenarios = [Scenario.model_validate(one.model_dump(exclude_unset=True)) for one in body.scenarios]
        if any(one.changes.get("value.intensity_bp", 0) == 9_900 for one in scenarios):
            field = {"field": "scenarios.0.changes.value.intensity_bp", "reason": "The number has to be at most 5."}
            raise ApiProblem(422, {"code": "invalid-input", "detail": "No.", "errors": [field]})
        if not hasattr(body, "facts"):
            self.asked.append(scenarios)
            return ReplayFactsView.model_validate(
                {
                    "call_id": call_id, "region": RANKING.region, "policy_id": RANKING.id, "application_ids": self.ids,
                    "receipts": [f"R-{place}" for place, _ in enumerate(self.ids)], "sequences": range(1, 6), "not_judged": 1,
                    "requested_minor": [AWARD] * 5, "transitions": [["green"], ["green", "social"], ["digital"], [], ["social"]],
                    "amounts_minor": [[AWARD] * 5] * (len(scenarios) + 1), "failed_rules": [[[]] * 5] * (len(scenarios) + 1),
                    "voucher_types": [None] * 5,
                }
            )  # fmt: skip
        return self.ranked(call_id, scenarios, body)

    def ranked(self, call_id: UUID, scenarios: list[Scenario], body: Any) -> ReplayView:
        applicants = tuple(Applicant(key, place, AWARD, tuple(body.facts.transitions[place])) for place, key in enumerate(self.ids))
        assert RANKING.evaluation
        order = [criterion.id for criterion in RANKING.evaluation.criteria]
        sheets = {
            key: {f"ev-{seat}": dict(zip(order, (mark - 3 * seat for mark in marks), strict=True)) for seat in (0, 1)}
            for key, marks in zip(self.ids, MARKS, strict=True)
        }
        past = PastCall(call_id, "ranking", "EUR", 2 * AWARD, "ab" * 32, applicants, sheets)
        policies = [RANKING, *changed_policies(RANKING, scenarios)]
        views = Question(past, [RECORD, *scenarios], policies, body.facts.amounts_minor, 50).answer()
        found = {"call_id": call_id, "region": RANKING.region, "policy_id": RANKING.id, "selection_method": "ranking", "currency": "EUR"}
        return ReplayView.model_validate({**found, "differs_from_list": 0, "scenarios": [one.model_dump() for one in views]})


def asked(services: Any, *pairs: tuple[str, str]) -> Response:
    query = urlencode(pairs).encode()
    scope = {"type": "http", "method": "GET", "path": "/programme/what-if", "query_string": query, "headers": []}
    visit = Reader(Request(scope), services, "en")
    visit.__dict__["regions_by_role"] = {"auditor": [RANKING.region]}
    return asyncio.run(what_if(visit))


CHOSEN = (("call", str(CALL)), ("show", "1"))


def field(path: str, place: int = 0) -> str:
    return f"scenarios.{place}.{path}"


def test_scenarios_stand_beside_the_rules_of_the_call() -> None:
    services = Services()
    answer = asked(
        services, *CHOSEN, ("call", str(OTHER)), (field("name"), "Half"), (field("envelope_bp"), "50"),
        (field("changes.evaluation.total_threshold", 1), "65"), (field("without_rules", 1), "place"),
    )  # fmt: skip
    assert answer.status_code == 200
    expected = [
        {"name": "Half", "envelope_bp": 5_000},
        {"name": "Scenario 2", "changes": {"evaluation.total_threshold": 65}, "without_rules": ["place"]},
    ]
    assert [one.model_dump(exclude_defaults=True) for one in services.asked[0]] == expected
    page = bytes(answer.body).decode()
    for words in (
        "By region",
        "By transition",
        "No longer granted",
        "R-1",
        "Vouchers 2",
        "4 of 10 eligible granted",
        "In the rules of the call",
    ):
        assert words in page
    assert page.count("<fieldset") >= 3, "one more scenario can be filled in"


def test_error_stands_at_its_field_and_what_was_typed_stays() -> None:
    services, name = Services(), field("changes.value.intensity_bp")
    for typed, words in (("many", "Enter a percentage, for example 80"), ("99", "The number has to be at most 5.")):
        answer = asked(services, *CHOSEN, (name, typed), (field("name"), "Mine"))
        page = bytes(answer.body).decode()
        assert answer.status_code == 422
        assert f'href="#{name}"' in page
        assert words in page
        assert f'value="{typed}"' in page
        assert 'value="Mine"' in page
    assert b"Change at least one value" in asked(services, *CHOSEN).body


def test_empty_fields_are_left_out_of_the_address() -> None:
    answer = asked(Services(), *CHOSEN, (field("name"), " "), (field("envelope_bp"), "50"))
    assert (answer.status_code, answer.headers["location"].count("scenarios")) == (303, 1)
    with pytest.raises(ApiProblem):
        asked(Services(), ("call", "none"))


def test_file_has_a_row_for_each_scenario() -> None:
    answer = asked(Services(), *CHOSEN, (field("envelope_bp"), "50"), ("as", "csv"))

    async def content() -> bytes:
        return b"".join([bytes(part) async for part in answer.body_iterator])

    lines = asyncio.run(content()).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 5 * 2
    region = RANKING.region.title()
    assert lines[1].startswith(f"{region},Vouchers 1,R-0,{UUID(int=100)},1,green,5000.00,EUR,rules of the call,granted,1,85.5,5000.00,100,")
    assert ",Scenario 1,reserve,2," in lines[4]


def test_without_a_past_call_the_page_says_what_to_do() -> None:
    services: Any = SimpleNamespace(applications=SimpleNamespace(list_calls=lambda *_args, **_query: found()))

    async def found() -> Any:
        return SimpleNamespace(items=[])

    assert b"No call of your regions is past yet" in asked(services).body
