"""Rules in CEL are total: each gives true, false or a named fault, and what can fail is refused when it is loaded."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.expressions import Fault
from shared.policy.loader import LoadError, load_policy
from shared.policy.rules import FACTS, Fact, evaluate, facts_named, rule_constants
from tests.support.policies import BOOK
from tests.unit.test_policy import Edit, edited, rule

__all__ = ["edited"]
IN_FORCE = {one.expression: policy for policy in BOOK.all() for one in policy.eligibility.rules}


@pytest.mark.parametrize("value", [1.5, True, "5", datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Athens"))])
def test_fact_of_another_type_is_a_fault_of_the_rule(value: object) -> None:
    [result] = evaluate([rule("staff < 5")], {"staff": value})  # type: ignore[dict-item]
    assert (result.passed, result.fault) == (False, Fault.TYPES)


AT_FAULT = [
    ("staff + 1", Fault.NOT_BOOLEAN, "types-do-not-fit"),
    ("staff < 'a'", Fault.TYPES, "types-do-not-fit"),
    ("staff.head > 1", Fault.TYPES, "types-do-not-fit"),
    ("requested_minor / staff > 2", Fault.DIVISION_BY_ZERO, "divides by what may be 0: staff"),
    ("requested_minor % staff == 0", Fault.DIVISION_BY_ZERO, "divides by what may be 0: staff"),
    ("requested_minor / policy.staff_from > 2", Fault.DIVISION_BY_ZERO, "divides by what may be 0: policy.staff_from"),
    ("requested_minor / 0 > 2", Fault.DIVISION_BY_ZERO, "divides by what may be 0: 0"),
    ("requested_minor/2/staff > 2", Fault.DIVISION_BY_ZERO, "divides by what may be 0: staff"),
    ("requested_minor / 2 > 2 / staff", Fault.DIVISION_BY_ZERO, "divides by what may be 0: staff"),
    ("excluded_sectors[0] == 'fishery'", Fault.MISSING_ELEMENT, "_[_]: can fail"),
    ("{'GR': 1}[country] == 1", Fault.MISSING_ELEMENT, "_[_]: can fail"),
    ("policy['staff_from'] > 1", Fault.MISSING_ELEMENT, "_[_]: can fail"),
    ("int(activity_code) > 1", Fault.OTHER, "int: can fail"),
    ("nuts.matches(place)", None, "matches: can fail"),
    ("timestamp(place) < timestamp(country)", Fault.OTHER, "timestamp: can fail"),
    ("years(staff) > 1", Fault.OTHER, "years: can fail"),
    ("size(place) < 5", None, "size() is for lists"),
    ("place.size() < 5", None, "size() is for lists"),
    ("size(excluded_sectors) == 0 && size('a') == 1", None, "size() is for lists"),
    ("excluded_sectors.exists(code, size(code) > 3)", None, "size() is for lists"),
    ("staff < 2.5", None, "counts with a fraction: 2.5"),
    ("staff < 1e3", None, "counts with a fraction: 1e3"),
    ("staff < .5", None, "counts with a fraction: .5"),
]
"""An expression; its fault with `TRYING`, None where it only misleads; and what loading says of it."""
TRYING: dict[str, Fact] = {
    "staff": 0,
    "requested_minor": 5,
    "excluded_sectors": [],
    "country": "DK",
    "activity_code": "A",
    "place": "Å",
    "nuts": "Å",
}


@pytest.mark.parametrize(("expression", "fault", "doubt"), AT_FAULT)
def test_rule_that_can_fail_is_refused_at_load_and_named_at_run(edited: Edit, expression: str, fault: Fault | None, doubt: str) -> None:
    with pytest.raises(LoadError) as refusal:
        load_policy(edited("staff < policy.staff_below", f"({expression})"))
    assert f"eligibility.rules.sme-size.expression: {doubt}" in str(refusal.value)
    [result] = evaluate([rule(expression)], TRYING, {"staff_from": 0} if "staff_from" in expression and "[" not in expression else {})
    assert result.fault is fault


@pytest.mark.parametrize(
    "expression",
    [
        "requested_minor / 100 > 2 && total_cost_minor % 10 == 0",
        "size(excluded_sectors) == 0 && policy.places.size() > 0 && size(excluded_sectors.filter(one, one != 'a/0')) == 0",
        'country in ["GR", "a / b", "1.5"] || staff - 1 > -2',
        "staff > 3 ? country == 'GR' : !de_minimis_declared",
        "excluded_sectors.all(one, one.startsWith('A') || one.endsWith('.5') || one.contains('%0'))",
    ],
)
def test_rule_that_cannot_fail_is_taken(edited: Edit, expression: str) -> None:
    quoted = expression.replace('"', '\\"')
    load_policy(edited("staff < policy.staff_below && ", f"({quoted}) && staff < policy.staff_below && "))


def test_value_that_the_policy_lacks_is_a_fault() -> None:
    [result] = evaluate([rule("vouchers_held < policy.vouchers_max")], {"vouchers_held": 0}, {"staff_from": 1})
    assert (result.passed, result.fault) == (False, Fault.MISSING_ELEMENT)


@pytest.mark.parametrize("amount", [2**63, 10**30, -(2**63) - 1])
def test_amount_beyond_64_bits_passes_no_rule(amount: int) -> None:
    """As a fraction it would be near to its neighbours, and equal to some."""
    for expression in ("requested_minor == requested_minor", "requested_minor > 0 || staff < 9", "!(requested_minor * 3 > 4)"):
        [result] = evaluate([rule(expression)], {"requested_minor": amount, "staff": 1})
        assert (result.passed, result.fault) == (False, None)


@given(st.sampled_from(sorted(IN_FORCE)), st.data())
def test_any_facts_give_a_verdict_of_every_rule_in_force(expression: str, data: st.DataObject) -> None:
    kinds = {int: st.integers(), str: st.text(max_size=5), bool: st.booleans(), list: st.lists(st.text(max_size=3), max_size=2)}
    facts: dict[str, Fact] = {name: data.draw(st.none() | kinds[FACTS[name]]) for name in facts_named(expression)}
    [result] = evaluate([rule(expression)], facts, rule_constants(IN_FORCE[expression]))
    assert result.fault is None
