"""What an applicant declares of sectors and purposes outside the regulation on de minimis aid (Regulation (EU) 2023/2831, article 1)."""

from datetime import date
from typing import Any

import pytest

from services.applications.domain.eligibility import assess, excluded_sectors
from services.applications.domain.form import DeMinimis, read_form
from tests.support.applications import BOOK, form_with

DAY = date(2026, 12, 1)
ARTICLES = {
    "sector-declared": "Article 1(1)(a) and (c)",
    "export-aid": "Article 1(1)(e)",
    "domestic-goods": "Article 1(1)(f)",
    "price-or-quantity": "Article 1(1)(b) and (d)(i)",
    "passed-on": "Article 1(1)(d)(ii)",
}
NEWEST = [policy for policy in BOOK.all() if policy.effective_from >= DAY and policy.expression is None]
"""An expression of interest gives no aid."""


@pytest.mark.parametrize(
    ("declared", "rules"),
    [
        ({"sectors": ["none"], "purposes": ["none"]}, []),
        ({"sectors": ["fishery"], "apart": False, "purposes": ["none"]}, ["sector-declared"]),
        ({"sectors": ["agriculture", "none"], "purposes": ["none"]}, ["sector-declared"]),  # both: what is excluded counts
        ({"sectors": ["agriculture", "fishery"], "apart": True, "purposes": ["none"]}, []),  # article 1(2)
        ({"sectors": ["none"], "purposes": ["export"]}, ["export-aid"]),
        ({"sectors": ["none"], "purposes": ["domestic-goods", "none"]}, ["domestic-goods"]),
        ({"sectors": ["agriculture"], "apart": True, "purposes": ["price-or-quantity", "passed-on"]}, ["price-or-quantity", "passed-on"]),
        ({}, list(ARTICLES)),  # nothing declared: no rule is known to be kept
        ({"sectors": [], "purposes": []}, list(ARTICLES)),
    ],
)
def test_excluded_aid_is_refused_by_its_article(declared: dict[str, Any], rules: list[str]) -> None:
    form = read_form(form_with(de_minimis={"declared": True, **declared}))
    for policy in NEWEST:
        assert [rule for rule in assess(policy, form, DAY).failed if rule in ARTICLES] == rules, policy.id


def test_each_rule_names_its_article_and_is_asked() -> None:
    """In every scheme whose rules begin in December 2026; earlier cases keep their rules."""
    assert {policy.region for policy in NEWEST} == {policy.region for policy in BOOK.all()}
    for policy in NEWEST:
        messages = {rule.id: rule.message for rule in policy.eligibility.rules if rule.id in ARTICLES}
        assert messages.keys() == ARTICLES.keys()
        assert all(article in messages[rule] for rule, article in ARTICLES.items())
        asked = BOOK.form_in_force(policy.region, policy.scheme, policy.effective_from).by_id
        assert {"de_minimis.sectors", "de_minimis.apart", "de_minimis.purposes"} <= asked.keys()


def test_sectors_are_not_known_before_they_are_declared() -> None:
    assert excluded_sectors(DeMinimis()) is None
    assert excluded_sectors(DeMinimis(sectors=["none"])) == []
