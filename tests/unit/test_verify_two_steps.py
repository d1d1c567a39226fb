"""The check of rule versions, of cases in two steps: the invitation is by the rules of the call to which it leads."""

from datetime import UTC, datetime

import pytest

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts, Logged
from operations.verify.invariant_6_lifecycles import pinned_rules

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen_under", "invited_under", "breaches"), [("first", "second", 0), ("first", "first", 1), ("second", "second", 1)]
)
def test_each_step_keeps_the_rules_of_its_call(chosen_under: str, invited_under: str, breaches: int) -> None:
    log = [
        Logged("s", number, f"e{number}", "t", "k", f"s.{name}.v1", NOW, "system", "r", rules, "c", None, True, {
            "application_id": "a", "revision": 1, "invited_to": "second-call"})
        for number, (name, rules) in enumerate(
            [("ApplicationSubmitted", "first"), ("ExpressionChosen", chosen_under), ("ApplicantInvited", invited_under)])
    ]  # fmt: skip
    facts = Facts({"applications": log}, {"applications.calls": [{"id": "second-call", "policy_id": "second"}]}, BankSide(), {})
    assert len(list(pinned_rules(facts))) == breaches
