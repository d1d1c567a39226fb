"""The policies and calls that the project ships: whole, sourced, of the kinds that the programme needs."""

from datetime import timedelta
from pathlib import Path

import pytest
from stdnum import iban

from shared.policy.call import call_files, load_call
from shared.policy.loader import load_book
from shared.policy.schema import Policy

REGIONS = Path(__file__).parents[2] / "regions"
BOOK = load_book(REGIONS)
CALLS = [load_call(path, BOOK) for path in call_files(REGIONS)]
by_region = pytest.mark.parametrize("policy", BOOK.all(), ids=lambda policy: policy.region)


def test_the_five_regions_cover_every_way_of_choosing_and_paying_and_every_currency() -> None:
    policies = BOOK.all()
    assert {policy.region for policy in policies} == {"gr-central-macedonia", "hr-koprivnica", "pl-malopolska", "dk-kolding", "be-kortrijk"}
    assert {policy.selection.method for policy in policies} == {"ranking", "first-come", "draw"}
    assert {policy.payment.mode for policy in policies} == {"reimbursement", "provider-direct"}
    assert {policy.currency for policy in policies} == {"EUR", "PLN", "DKK"}


@by_region
def test_the_bank_profile_fits_the_currency_and_the_account_is_a_possible_one(policy: Policy) -> None:
    assert policy.bank.profile == {"EUR": "SEPA_SCT", "DKK": "DK_DOMESTIC", "PLN": "PL_DOMESTIC"}[policy.currency]
    assert iban.is_valid(policy.bank.debtor_iban, check_country=False)
    assert policy.bank.debtor_iban.startswith(policy.calendar.country)


@by_region
def test_the_rules_of_the_programme_hold_in_every_region(policy: Policy) -> None:
    assert policy.programme_end.isoformat() == "2028-06-30"
    assert policy.de_minimis.ceiling_minor == 30_000_000
    assert policy.eligibility.live_applications_per_call == 1
    assert policy.approvals.second_approver_above_minor < policy.value.largest_minor


def test_appeals_run_as_greek_and_polish_law_say() -> None:
    appeals = {policy.calendar.country: policy.appeal for policy in BOOK.all()}
    assert (appeals["GR"].value, appeals["GR"].unit, appeals["GR"].start) == (7, "working-days", "day-after")
    assert (appeals["PL"].value, appeals["PL"].unit, appeals["PL"].start) == (14, "calendar-days", "day-after")


def test_every_region_has_a_call_of_thirty_days_or_more_that_funds_several_vouchers() -> None:
    assert {call.region for call, _ in CALLS} == {policy.region for policy in BOOK.all()}
    for call, policy in CALLS:
        assert timedelta(days=30) <= call.closes_at - call.opens_at <= timedelta(days=60)
        assert call.envelope_minor >= 5 * policy.value.largest_minor


def test_call_ids_are_unique() -> None:
    assert len({call.id for call, _ in CALLS}) == len(CALLS)
