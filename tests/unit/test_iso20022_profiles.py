"""The bank profiles against the policy, the currencies and the bank calendars that they depend on."""

from datetime import date
from typing import get_args

import pytest

from services.payments.iso20022.profiles import PROFILES, BankProfile
from shared.calendars.banks import is_bank_day
from shared.kernel.money import MINOR_DIGITS
from shared.policy.sections import Bank

profiles = pytest.mark.parametrize("profile", list(PROFILES.values()), ids=list(PROFILES))


def test_policy_may_name_every_profile_and_no_other() -> None:
    assert set(get_args(Bank.model_fields["profile"].annotation)) == set(PROFILES)


@profiles
def test_profile_is_filed_under_its_name(profile: BankProfile) -> None:
    assert PROFILES[profile.name] is profile


@profiles
def test_currency_has_minor_digits_and_a_bank_calendar(profile: BankProfile) -> None:
    assert profile.currency in MINOR_DIGITS
    assert is_bank_day(date(2026, 3, 2), profile.currency)


def test_every_currency_has_a_profile() -> None:
    assert set(MINOR_DIGITS) == {profile.currency for profile in PROFILES.values()}
