"""The list under another budget, threshold or weights; justifications; who may take a seat; who may appeal and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.evaluation.domain.appeals import Remedy, check_decision, check_remedy, hold_decisions
from services.evaluation.domain.assignment import CaseToAssign, Evaluator
from services.evaluation.domain.candidates import candidates
from services.evaluation.domain.ranking import ListEntry, Listing, rank_entries
from services.evaluation.domain.scoring import check_justifications
from services.evaluation.domain.states import AppealState
from services.evaluation.domain.what_if import Supposition, check_supposition, what_if
from shared.kernel.errors import Conflict, Refused
from tests.support.policies import BOOK

RULES = next(policy.evaluation for policy in BOOK.all() if policy.evaluation)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def entry(number: int, *points: int, failed: tuple[str, ...] = ()) -> ListEntry:
    criteria = {criterion.id: each * 100 for criterion, each in zip(RULES.criteria, points, strict=True)}
    return ListEntry(UUID(int=number), 500_000, 500_000, sum(criteria.values()), criteria, failed)


LISTING = Listing(
    UUID(int=9), "ranking", "policy", "EUR", 1_000_000, tuple(each.id for each in RULES.criteria), ("criteria-order", "seeded-draw"),
    (entry(1, 30, 20, 10, 10, 10), entry(2, 20, 30, 14, 6, 5), entry(3, 20, 20, 10, 10, 9),
     entry(4, 20, 20, 5, 5, 5, failed=("below-threshold",))),
)  # fmt: skip


def outcomes(**supposed: Any) -> dict[int, str]:
    return {each.application_id.int: each.outcome for each in what_if(LISTING, Supposition(**supposed), RULES)}


def test_supposing_nothing_gives_the_record() -> None:
    recorded = [(each.entry.application_id, each.outcome, each.entry.score) for each in rank_entries(LISTING, "00" * 32)]
    assert [(each.application_id, each.outcome, each.score) for each in what_if(LISTING, Supposition(), RULES)] == recorded


@pytest.mark.parametrize(
    ("supposed", "expected"),
    [
        ({"envelope_minor": 500_000}, {1: "granted", 2: "reserve", 3: "reserve", 4: "refused"}),
        ({"threshold": 75}, {1: "granted", 2: "granted", 3: "refused", 4: "refused"}),  # who has just enough passes
        ({"threshold": 76}, {1: "granted", 2: "refused", 3: "refused", 4: "refused"}),
        ({"threshold": 50, "envelope_minor": 2_000_000}, {1: "granted", 2: "granted", 3: "granted", 4: "granted"}),
        (  # transition alone: 2 before 1 before 3
            {"weights": {"relevance": 0, "transition": 100, "quality": 0, "capacity": 0, "value-for-money": 0}, "envelope_minor": 500_000},
            {2: "granted", 1: "reserve", 3: "reserve", 4: "reserve"},
        ),
    ],
)
def test_supposition_moves_the_cut_off(supposed: dict[str, Any], expected: dict[int, str]) -> None:
    assert outcomes(**supposed) == expected


def test_weights_as_the_policy_has_them_change_no_score() -> None:
    weights = {criterion.id: criterion.points_max for criterion in RULES.criteria}
    assert {each.score for each in what_if(LISTING, Supposition(weights=weights), RULES)} == {each.score for each in LISTING.entries}
    doubled = {name: 2 * weight for name, weight in weights.items()}
    assert what_if(LISTING, Supposition(weights=doubled), RULES) == what_if(LISTING, Supposition(weights=weights), RULES)


@pytest.mark.parametrize(("weights", "code"), [({"relevance": 100}, "weights-incomplete"), ({"charm": 100}, "unknown-criterion")])
def test_incomplete_weights_are_refused(weights: dict[str, int], code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_supposition(Supposition(weights=weights), RULES)
    assert refused.value.code == code


def test_each_criterion_needs_a_justification() -> None:
    rules = RULES.model_copy(update={"justification_min_length": 10})
    enough = {criterion.id: "Ten signs. " for criterion in rules.criteria}
    check_justifications(enough, rules)
    check_justifications({}, RULES.model_copy(update={"justification_min_length": None}))
    with pytest.raises(Refused) as refused:
        check_justifications(enough | {"quality": "  short   "}, rules)
    assert (refused.value.code, refused.value.field) == ("justification-too-short", "justifications.quality")


def test_candidates_come_by_load_and_with_what_excludes_them() -> None:
    def person(name: str, *, language: str = "en", relations: str = "", topics: str = "") -> Evaluator:
        return Evaluator(name, "here", frozenset({language}), frozenset(topics.split()), frozenset(relations.split()))

    case = CaseToAssign(UUID(int=1), "here", "en", frozenset({"design"}), frozenset({"hash"}), (1,), frozenset({"held"}))
    team = [
        person("busy", topics="design"),
        person("free"),
        person("held"),
        person("related", relations="hash"),
        person("greek", language="el"),
    ]
    found = candidates(case, team, {"busy": 3}, closed={"greek"})
    assert [(each.evaluator_id, each.barred_by) for each in found] == [
        ("free", ()), ("busy", ()), ("greek", ("other-language", "took-other-step")), ("held", ("held-before",)),
        ("related", ("conflict",)),
    ]  # fmt: skip
    assert found[1].topics == ("design",)


def remedy(**changed: Any) -> Remedy:
    return Remedy(**({"listed": True, "withdrawn": False, "until": NOW, "term_over": False, "appealed": False} | changed))


@pytest.mark.parametrize(
    ("changed", "late", "code"),
    [
        ({}, 0, "appeal-too-late"),  # the term ends with this instant
        ({"term_over": True}, 1, "appeal-too-late"),
        ({"appealed": True}, 1, "appeal-lodged"),
        ({"listed": False}, 1, "not-listed"),
        ({"withdrawn": True}, 1, "not-listed"),
        ({"until": None}, 1, "not-listed"),
    ],
)
def test_appeal_out_of_term_or_place_is_refused(changed: dict[str, Any], late: int, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        check_remedy(remedy(**changed), NOW - timedelta(seconds=late), "Europe/Athens")
    assert refused.value.code == code


def test_appeal_in_the_last_second_is_in_time() -> None:
    check_remedy(remedy(), NOW - timedelta(microseconds=1), "Europe/Athens")


@pytest.mark.parametrize("state", [state for state in AppealState if state != AppealState.LODGED])
def test_appeal_is_decided_once(state: AppealState) -> None:
    check_decision(AppealState.LODGED, complete=True)
    with pytest.raises(Conflict):
        check_decision(state, complete=True)
    assert hold_decisions([AppealState.DISMISSED, state]) is (state == AppealState.UPHELD)
