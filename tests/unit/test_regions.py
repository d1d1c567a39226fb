"""The policies and calls that the project ships: sound, sourced, in every language of their region."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from stdnum import iban

from operations.check_files import faults_of
from shared.kernel.money import MINOR_DIGITS
from shared.policy.call import call_files, load_call
from shared.policy.loader import LoadError, load_book
from shared.policy.schema import Policy
from shared.texts.languages import LANGUAGES
from tests.support.policies import BOOK, REGIONS

CALLS = [load_call(path, BOOK) for path in call_files(REGIONS)]
IN_FORCE = {
    "be-kortrijk/creative-voucher/2025-12-01@94dfb1e2eb38",
    "dk-kolding/growth-voucher/2025-12-01@125681310d5f",
    "gr-central-macedonia/innovation-voucher/2025-12-01@ceb65c64d7cf",
    "gr-central-macedonia/innovation-voucher/2025-12-02@46aab244a21f",
    "hr-koprivnica/digital-voucher/2025-12-01@93347c33fe55",
    "pl-malopolska/bon-na-innowacje/2025-12-01@70648131a2af",
}
"""Ids to which calls and cases are pinned. An id is added here when its file takes effect and never leaves."""
by_policy = pytest.mark.parametrize("policy", BOOK.all(), ids=lambda policy: policy.id)


def test_policies_in_force_keep_their_ids() -> None:
    """A file in force that changes, or a new field that is not optional, strands every case that is pinned to the old id."""
    assert {policy.id for policy in BOOK.all()} >= IN_FORCE


def test_policies_cover_every_method_and_currency() -> None:
    policies = BOOK.all()
    assert {policy.selection.method for policy in policies} == {"ranking", "first-come", "draw"}
    assert {policy.payment.mode for policy in policies} == {"reimbursement", "provider-direct"}
    assert {policy.currency for policy in policies} == set(MINOR_DIGITS)


@by_policy
def test_region_has_a_name_in_each_of_its_languages(policy: Policy) -> None:
    assert set(BOOK.region_names(policy.region)) == set(LANGUAGES)
    assert all(BOOK.region_name(policy.region, language) != policy.region for language in policy.languages)


def test_region_without_a_name_is_called_by_its_id(tmp_path: Path) -> None:
    assert load_book(tmp_path).region_name("xx-elsewhere", "pl") == "xx-elsewhere"
    (tmp_path / "xx-elsewhere").mkdir()
    (tmp_path / "xx-elsewhere/region.toml").write_text('names = { pl = "Gdzieś" }')
    with pytest.raises(LoadError, match=r"region\.toml: .*no English name"):
        load_book(tmp_path)


@by_policy
def test_region_says_in_its_languages_how_to_reach_it(policy: Policy) -> None:
    contact = BOOK.contact(policy.region, policy.effective_from)
    assert contact is not None
    assert min(set(contact.office), set(contact.hours), key=len) >= set(policy.languages)


def test_contact_of_a_region_is_that_of_the_day(tmp_path: Path) -> None:
    folder = tmp_path / "hr-koprivnica"
    shutil.copytree(REGIONS / "hr-koprivnica", folder)
    first = (folder / "contact-2025-12-01.toml").read_text()
    (folder / "contact-2026-03-01.toml").write_text(first.replace("2025-12-01", "2026-03-01").replace("vouchers@", "new@"))
    shutil.copytree(REGIONS / "common", tmp_path / "common")
    book, days = load_book(tmp_path), [date(2025, 1, 1), date(2026, 2, 28), date(2026, 3, 1)]
    mails = [contact.email for day in days if (contact := book.contact("hr-koprivnica", day))]
    assert mails == ["vouchers@koprivnica.example", "vouchers@koprivnica.example", "new@koprivnica.example"]
    assert (book.zones(), book.contact("xx-elsewhere", days[0])) == ({"hr-koprivnica": "Europe/Zagreb"}, None)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("vouchers@koprivnica.example", "vouchers at koprivnica", "email"),
        ("+385 48 000 000", "048 000 000", "phone"),
        ("https://www", "javascript:www", "rules_page"),
        ("2025-12-01", "2025-12-02", "effective_from"),
        ('en = "City', 'xx = "City', "office"),
    ],
)
def test_contact_that_cannot_be_used_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    shutil.copytree(REGIONS / "hr-koprivnica", tmp_path / "hr-koprivnica")
    path = tmp_path / "hr-koprivnica/contact-2025-12-01.toml"
    path.write_text(path.read_text().replace(old, new))
    assert [fault in line for line in faults_of(path)] == [True]


@by_policy
def test_debtor_account_is_valid_and_of_the_country(policy: Policy) -> None:
    assert iban.is_valid(policy.bank.debtor_iban, check_country=False)
    assert policy.bank.debtor_iban.startswith(policy.calendar.country)


@by_policy
def test_programme_rules_hold_in_every_policy(policy: Policy) -> None:
    assert policy.programme_end.isoformat() == "2028-06-30"
    assert policy.de_minimis.ceiling_minor == 30_000_000
    assert policy.eligibility.live_applications_per_call == 1
    assert len(policy.approvals.required(policy.value.largest_minor)) == 2


def test_every_budget_of_a_new_call_is_confirmed_by_finance() -> None:
    """Regulation (EU) 2021/1060, Article 71(4): functions within an authority are separate. The amount is ours."""
    newest = {(policy.region, policy.scheme): policy for policy in BOOK.all()}
    assert {policy.budget and policy.budget.ceiling_minor for policy in newest.values()} == {0}


NEWEST = {(policy.region, policy.scheme): policy for policy in BOOK.all()}


@pytest.mark.parametrize("policy", NEWEST.values(), ids=lambda policy: policy.id)
def test_newest_rules_of_every_scheme_are_whole(policy: Policy) -> None:
    """What a file may leave out for the sake of older ones: dates of expenditure, state aid, revisions of codes, silence of evaluators."""
    assert policy.benefit or policy.claims.dates is not None
    assert policy.state_aid is not None
    assert (policy.eligibility.activity_revision, policy.eligibility.organisations_per_tax_number) == ("2.1", 1)
    assert "excluded-sector" in {rule.id for rule in policy.eligibility.rules}
    if policy.evaluation is not None:
        assert None not in (policy.evaluation.remind_before_days, policy.evaluation.escalate_after_days)
        assert policy.benefit or policy.selection.when_short, "units of one size leave nothing that a smaller request could take"


@pytest.mark.parametrize(
    ("scheme", "may_apply", "joint_work_years", "deposit", "own_hours"),
    [
        (("hr-koprivnica", "vauceri-za-digitalizaciju"), False, 3, False, False),
        (("pl-malopolska", "bony-na-innowacje"), False, None, False, False),
        (("dk-kolding", "smv-digital"), True, None, False, True),
        (("be-kortrijk", "kmo-portefeuille"), False, None, True, False),
    ],
)
def test_schemes_that_regions_run_say_whom_one_buys_from(
    scheme: tuple[str, str], may_apply: bool, joint_work_years: int | None, deposit: bool, own_hours: bool
) -> None:
    """As published: sources are in the files."""
    policy = NEWEST[scheme]
    assert policy.providers is not None
    assert (policy.providers.may_apply, policy.providers.joint_work_years) == (may_apply, joint_work_years)
    assert (policy.deposit is not None, policy.own_hours is not None) == (deposit, own_hours)


@by_policy
def test_every_text_is_in_every_language_of_the_region(policy: Policy) -> None:
    """Titles are checked when a policy is loaded; what has an English text and translations is checked here."""
    others = set(policy.languages) - {"en"}
    assert "en" in policy.languages
    assert {rule.id for rule in policy.eligibility.rules if set(rule.translations) != others} == set()
    assert {day.name for day in policy.calendar.extra_days if set(day.translations) != others} == set()


def test_appeal_terms_are_those_of_greek_and_polish_law() -> None:
    appeals = {policy.calendar.country: policy.appeal for policy in BOOK.all()}
    assert (appeals["GR"].value, appeals["GR"].unit, appeals["GR"].start) == (7, "working-days", "day-after")
    assert (appeals["PL"].value, appeals["PL"].unit, appeals["PL"].start) == (14, "calendar-days", "day-after")


def test_every_region_has_a_call_that_funds_several_vouchers() -> None:
    assert {call.region for call, _ in CALLS} == {policy.region for policy in BOOK.all()}
    for call, policy in CALLS:
        assert timedelta(days=30) <= call.closes_at - call.opens_at <= timedelta(days=60)
        assert call.envelope_minor >= 5 * policy.value.largest_minor


def test_call_ids_are_unique() -> None:
    assert len({call.id for call, _ in CALLS}) == len(CALLS)
