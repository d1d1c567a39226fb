"""Rules as a person reads them: each has a name when it is kept, and shows the answers that it used in the words of the form."""

import re

from services.applications.queries.assessments import shown_assessment
from tests.support.applications import BOOK, REGIONS
from tests.unit.test_case_terms import CROATIA, DAY, assessed, policy

NAMED = set(re.findall(r'^\t"([a-z-]+)": _\(', (REGIONS.parent / "portal/public/templates/public/rules.html").read_text(), re.MULTILINE))


def test_each_rule_of_a_region_has_a_name() -> None:
    assert {rule.id for one in BOOK.all() for rule in one.eligibility.rules} - NAMED == set()


def test_choice_is_shown_in_the_words_of_the_form() -> None:
    rules, form = policy(CROATIA), BOOK.form_in_force(*CROATIA, DAY)
    shown = shown_assessment(assessed(rules, "cyber-resilience", 1_000_000, 600_000), rules, "hr", form)
    (of_type,) = [rule for rule in shown.rules if rule.rule == "voucher-type"]
    assert of_type.chosen == {"voucher_type": "Vaučer za dijagnostiku kibernetičke otpornosti"}
    assert of_type.labels.keys() >= of_type.chosen.keys()
