"""What-if where cases of one call differ: each keeps the type, the rate and the year of its own voucher, as in the real decision."""

from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.earlier import NOTHING_EARLIER, Earlier
from services.applications.domain.eligibility import assess
from services.applications.domain.overrules import with_overrules
from services.applications.domain.replay import Judged, changes_between, judge_again, recorded_verdict
from services.evaluation.domain.allotment import Shortage, allot
from services.evaluation.domain.ranking import ListEntry
from services.evaluation.domain.replay import Applicant, PastCall, Terms, replay
from services.evaluation.queries.listing import least_of
from shared.policy.scenario import Scenario, changed_policy
from shared.policy.schema import Policy
from tests.unit.test_case_terms import CROATIA, DAY, FLANDERS, MALOPOLSKA, form_of, policy

SMALL = Scenario(name="smaller ones too", changes={"value.smallest_minor": 1})


def typed(**least: int) -> Policy:
    """Croatia's five types, first come with parts; those that are named have a least of their own."""
    rules = policy(CROATIA)
    types = [one.model_copy(update={"smallest_minor": least.get(one.id.replace("-", "_"))}) for one in rules.voucher_types or ()]
    selection = rules.selection.model_copy(update={"when_short": "partial"})
    return rules.model_copy(update={"voucher_types": tuple(types), "selection": selection})


def judged(rules: Policy, kind: str, cost: int, asked: int, earlier: Earlier) -> Judged:
    """Where the smallest voucher of the call is one cent; two officers have overruled what was said of the own share."""
    form = form_of(rules, kind, cost, asked)
    found = assess(rules, form, DAY, earlier)
    found = with_overrules(found, dict.fromkeys({"intensity", "own-contribution"} & set(found.failed), True))
    record = recorded_verdict(eligible=found.eligible, amount_minor=found.amount_minor, failed=found.failed)
    return judge_again(record, found, form, changes_between(rules, changed_policy(rules, SMALL)), DAY)


@pytest.mark.parametrize(
    ("rules", "asked", "earlier", "expected"),
    [
        # The least of its type, EUR 5,000, whatever the smallest voucher of the call.
        (typed(digital_strategy=500_000), ("digital-strategy", 500_000, 300_000), NOTHING_EARLIER, Judged(None, ("amount-least",))),
        (typed(digital_strategy=500_000), ("digital-skills", 500_000, 300_000), NOTHING_EARLIER, Judged(300_000)),
        # The second voucher is of 80 %, not of the 90 % of a first one.
        (policy(MALOPOLSKA), ("small", 5_000_000, 4_500_000), Earlier(types=("small",)), Judged(4_000_000)),
        # EUR 5,000 of the 7,500 of the year are gone.
        (policy(FLANDERS), ("training", 1_000_000, 300_000), Earlier(types=("training",), year_granted_minor=500_000), Judged(250_000)),
    ],
)
def test_case_is_judged_again_by_its_own_terms(rules: Policy, asked: tuple[str, int, int], earlier: Earlier, expected: Judged) -> None:
    assert judged(rules, *asked, earlier) == expected


@pytest.mark.parametrize(
    ("kind", "expected", "left"),
    [("digital-skills", "granted granted reserve", 0), ("digital-strategy", "granted reserve reserve", 400_000)],
)
def test_part_is_no_less_than_the_smallest_of_its_type(kind: str, expected: str, left: int) -> None:
    """EUR 10,000, asked 6,000, 9,000 and 3,000: the 4,000 that are left are too little for a type of at least 5,000."""
    rules = typed(digital_strategy=500_000)
    least = {one.id: own for one in rules.voucher_types or () if (own := least_of(rules, one.id)) is not None}
    asked, kinds = (600_000, 900_000, 300_000), ("digital-skills", kind, "digital-skills")
    applicants = tuple(Applicant(UUID(int=n), n, asked[n - 1], (), kinds[n - 1]) for n in (1, 2, 3))
    shortage = Shortage("partial", rules.value.smallest_minor)
    terms: dict[str, Any] = {"ties": (), "evaluation": None, "amounts": asked, "shortage": shortage, "least": least}
    found = replay(PastCall(UUID(int=9), "first-come", "EUR", 1_000_000, "", applicants, {}), Terms(1_000_000, **terms), None)
    assert " ".join(found.outcomes) == expected
    assert 1_000_000 - sum(each.awarded_minor for each in found.ranked) == left
    entries = [ListEntry(UUID(int=n), asked[n - 1], asked[n - 1], smallest_minor=least.get(kinds[n - 1])) for n in (1, 2, 3)]
    assert " ".join(each.outcome for each in allot(entries, 1_000_000, shortage)) == expected
