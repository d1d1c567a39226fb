"""Policy files: what they may contain, how a policy is found, how its rules judge an application."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.permissions import Permission
from shared.kernel.errors import NotFound, Refused
from shared.kernel.money import Money
from shared.policy import loader
from shared.policy.call import load_call
from shared.policy.loader import LoadError, keep_book, load_book, load_policy
from shared.policy.resolver import PolicyBook
from shared.policy.rules import Fact, check_eligibility, evaluate, facts_named
from shared.policy.schema import Policy
from shared.policy.sections import Approvals, Rule
from tests.support.policies import BOOK, REGIONS

GREEK = "gr-central-macedonia/innovation-voucher"
POLICY = BOOK.resolve("gr-central-macedonia", "innovation-voucher", date(2025, 12, 1))
DANISH = BOOK.resolve("dk-kolding", "growth-voucher", date(2026, 1, 1))

Edit = Callable[[str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The Greek policy in a folder of its own with one text replaced by another."""

    def write(old: str, new: str) -> Path:
        source = REGIONS / GREEK / "2025-12-01.toml"
        text = source.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / GREEK / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"bank" = ', '"bank.profile.x" = ', "no source for bank.silence_after.value"),
        ('"offer" = ', '"offerings" = ', "nothing stands at offerings"),
        ("max_count = 1", "max_count = 1\nmaximum = 2", "extension.maximum: Extra inputs"),
        ("max_count = 1", 'max_count = "1"', "extension.max_count: Input should be a valid integer"),
        ("largest_minor = 1_000_000", "largest_minor = 10_000.5", "value.largest_minor: Input should be a valid integer"),
        ("smallest_minor = 100_000", "smallest_minor = 2_000_000", "value: Value error, smallest_minor is above"),
        ("own_contribution_bp = 0", "own_contribution_bp = 1", "more than the whole"),
        ("value = 6, unit", "value = 0, unit", "validity.value: Input should be greater than 0"),
        ('currency = "EUR"', 'currency = "USD"', "currency: Value error, unknown currency 'USD'"),
        ('zone = "Europe/Athens"', 'zone = "Europe/Atlantis"', "unknown zone"),
        ("points_max = 30", "points_max = 31", "make 100 together"),
        ('title = { el = "Κουπόνι καινοτομίας", ', "title = { ", "in exactly the languages el, en"),
        ('mode = "provider-direct"', 'mode = "advance"', "payment.mode: Input should be 'reimbursement' or 'provider-direct'"),
        ("reminders_before_days = [7, 2]", "reminders_before_days = [2, 7]", "from the largest to the smallest"),
        ('eur_rate = "1"', 'eur_rate = "nan"', "positive decimal string"),
        ("staff < policy.staff_below", "employees < policy.staff_below", "eligibility.rules.sme-size.expression: unknown employees"),
        ("staff < policy.staff_below", "staff < policy.staff_limit", "unknown policy.staff_limit"),
        ("staff < policy.staff_below", "staff < < 3", "eligibility.rules.sme-size.expression: Failed to parse"),
        ('region = "gr-central-macedonia"', 'region = "gr-attica"', "region: is 'gr-attica', but the file stands under"),
        ("[selection]", "[selection", "Expected ']'"),
    ],
)
def test_faulty_file_is_refused_with_field_and_reason(edited: Edit, old: str, new: str, reason: str) -> None:
    path = edited(old, new)
    with pytest.raises(LoadError) as refusal:
        load_policy(path)
    assert str(path) in str(refusal.value)
    assert reason in str(refusal.value)


def test_a_ranking_without_criteria_is_refused(edited: Edit) -> None:
    path = edited("[evaluation]", "[evaluation]")
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[evaluation]"), text.index("[eligibility]")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(LoadError, match="a ranking needs criteria"):
        load_policy(path)


def test_nearest_source_covers_all_values_below_it() -> None:
    assert POLICY.source_of("evaluation.total_threshold") == "default"
    assert "Erasmus+" in POLICY.source_of("evaluation.divergence_points")
    with pytest.raises(KeyError):
        POLICY.source_of("nonsense")


def test_latest_policy_that_has_begun_is_in_force(edited: Edit, tmp_path: Path) -> None:
    first = edited("max_count = 1", "max_count = 1")
    later = first.with_name("2026-03-01.toml")
    text = first.read_text(encoding="utf-8").replace("effective_from = 2025-12-01", "effective_from = 2026-03-01")
    later.write_text(text, encoding="utf-8")
    book = load_book(tmp_path)
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2027, 1, 1))
    found = [book.resolve(POLICY.region, POLICY.scheme, day) for day in days]
    assert [policy.effective_from for policy in found] == [date(2025, 12, 1), date(2026, 3, 1), date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("region", "scheme", "on"),
    [
        ("gr-attica", "innovation-voucher", date(2026, 1, 1)),
        (POLICY.region, "other", date(2026, 1, 1)),
        (POLICY.region, POLICY.scheme, date(2025, 11, 30)),
    ],
)
def test_unknown_region_scheme_or_date_is_refused(region: str, scheme: str, on: date) -> None:
    with pytest.raises(Refused, match=f"{region}/{scheme} on {on:%d %B %Y}"):
        BOOK.resolve(region, scheme, on)


def test_pinned_id_finds_its_policy_only_while_unchanged(edited: Edit) -> None:
    assert BOOK.get(POLICY.id) is POLICY
    assert POLICY.id == f"{GREEK}/2025-12-01@{POLICY.content_hash[:12]}"
    changed = load_policy(edited("value = 15, unit", "value = 16, unit"))
    assert changed.id != POLICY.id
    with pytest.raises(NotFound, match="was its file changed"):
        PolicyBook([changed]).get(POLICY.id)


def test_hash_depends_on_values_not_on_spelling(edited: Edit) -> None:
    assert load_policy(edited("max_count = 1\n", "max_count   =  0b1 # once\n\n")).content_hash == POLICY.content_hash
    assert POLICY.model_copy(update={"programme_end": date(2028, 6, 29)}).content_hash != POLICY.content_hash


def test_translations_are_wording_and_keep_the_id(edited: Edit) -> None:
    """A better translation, or one that is missing, is no other rule."""
    without = edited('translations = { el = "Η έδρα δεν βρίσκεται στην Κεντρική Μακεδονία." }', "")
    assert load_policy(without).id == POLICY.id
    place = next(rule for rule in POLICY.eligibility.rules if rule.id == "place")
    assert (place.text("el"), place.text("pl")) == (place.translations["el"], place.message)
    with pytest.raises(LoadError, match="translations are in the languages el, en"):
        load_policy(edited("translations = { el", "translations = { pl"))


def test_new_kind_of_rule_is_optional_and_keeps_old_ids(edited: Edit) -> None:
    """`approvals.steps` came after the first files: their ids stay, and a new file may use it."""
    old, new = "second_approver_above_minor = 500_000", "steps = [{ above_minor = 0, permission = 'approve-disbursement' }]"
    assert "steps" not in POLICY.content()["approvals"]
    assert load_policy(edited(old, new)).id != POLICY.id


def test_required_new_field_would_refuse_files_in_force() -> None:
    """Why a new kind of rule is optional: a required field refuses every file that cases are pinned to."""

    class Stricter(Policy):
        colour: str

    with pytest.raises(ValueError, match="colour"):
        Stricter.model_validate_json(POLICY.model_dump_json(exclude_unset=True))


def test_old_approvals_read_as_two_steps() -> None:
    assert [step.above_minor for step in POLICY.approvals.required(500_001)] == [0, 500_000]
    assert [step.above_minor for step in POLICY.approvals.required(500_000)] == [0]


def test_approval_steps_follow_amount_and_permission() -> None:
    steps = ((0, "approve-disbursement"), (100, "approve-disbursement"), (1_000, "write-off"))
    table = Approvals.model_validate(
        {"account_cooling_off_days": 7, "steps": tuple({"above_minor": a, "permission": Permission(p)} for a, p in steps)}
    )
    assert [step.permission for step in table.required(1_001)] == ["approve-disbursement", "approve-disbursement", "write-off"]
    assert len(table.required(1_000)) == 2


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("", "exactly one of steps"),
        ("second_approver_above_minor = 1\nsteps = [{ above_minor = 0, permission = 'approve-disbursement' }]", "exactly one of steps"),
        ("steps = [{ above_minor = 1, permission = 'approve-disbursement' }]", "from above_minor = 0 upwards"),
        ("steps = [{ above_minor = 0, permission = 'read-payments' }]", "an auditor never approves"),
        ("steps = [{ above_minor = 0, permission = 'approve-payments' }]", "approvals.steps.0.permission: Input should be"),
        ("steps = []", "approvals.steps: Tuple should have at least 1 item"),
    ],
)
def test_faulty_approval_table_is_refused(edited: Edit, new: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        load_policy(edited("second_approver_above_minor = 500_000", new))


def test_budget_is_optional_and_part_of_the_policy(edited: Edit) -> None:
    path = edited("\n[bank]\n", "\n[budget]\nceiling_minor = 0\n\n[bank]\n")
    sourced = path.read_text(encoding="utf-8").replace("\n[sources]\n", '\n[sources]\n"budget.ceiling_minor" = "default"\n')
    path.write_text(sourced, encoding="utf-8")
    policy = load_policy(path)
    assert (policy.budget and policy.budget.ceiling_minor, POLICY.budget) == (0, None)
    assert policy.id != POLICY.id


def test_two_policies_for_one_date_are_refused() -> None:
    with pytest.raises(ValueError, match="two policies"):
        PolicyBook([POLICY, POLICY])


def test_policy_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        POLICY.value.largest_minor = 1  # type: ignore[misc]


def test_capped_deadline_ends_with_the_programme() -> None:
    issued = datetime(2028, 3, 1, tzinfo=UTC)
    assert POLICY.deadline(POLICY.validity, issued) > POLICY.programme_end_at
    assert POLICY.capped_deadline(POLICY.validity, issued) == POLICY.programme_end_at == datetime(2028, 6, 30, 21, tzinfo=UTC)


@given(st.integers(0, 10**12))
def test_largest_aid_keeps_intensity_cap_and_own_share(cost_minor: int) -> None:
    cost = Money(cost_minor, "DKK")
    aid, own = DANISH.largest_aid(cost), DANISH.own_contribution(cost)
    assert aid.minor * 2 <= cost_minor
    assert aid.minor <= 25_000_000
    assert aid + own <= cost


GOOD: dict[str, Fact] = {
    "staff": 4, "turnover_minor": 20_000_000, "balance_minor": 5_000_000, "public_control_bp": 0, "activity_code": "74.10",
    "country": "GR", "nuts": "EL522", "place": "Thessaloniki", "total_cost_minor": 1_200_000, "requested_minor": 1_000_000,
    "own_contribution_minor": 200_000, "de_minimis_declared": True, "de_minimis_declared_minor": 1_000_000,
}  # fmt: skip


def test_a_good_application_passes_every_rule() -> None:
    assert [result.rule_id for result in check_eligibility(POLICY, GOOD) if not result.passed] == []


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"staff": 250}, {"sme-size"}),
        ({"turnover_minor": 5_000_000_001}, set()),  # the balance sheet is small
        ({"turnover_minor": 5_000_000_001, "balance_minor": 4_300_000_001}, {"sme-size"}),
        ({"public_control_bp": 2_500}, {"sme-independent"}),
        ({"nuts": "EL303"}, {"place"}),
        ({"activity_code": "01.11"}, {"activity"}),
        ({"requested_minor": 99_999}, {"amount-least"}),
        ({"requested_minor": 1_000_001}, {"amount-most"}),
        ({"total_cost_minor": 999_999}, {"intensity"}),
        ({"de_minimis_declared": False}, {"de-minimis-declared"}),
        ({"de_minimis_declared_minor": 29_000_000}, set()),
        ({"de_minimis_declared_minor": 29_000_001}, {"de-minimis-ceiling"}),
        ({"de_minimis_declared_minor": None}, {"de-minimis-ceiling"}),
        ({"total_cost_minor": 10**17}, {"intensity"}),
    ],
)
def test_changed_fact_fails_exactly_the_rules_that_use_it(change: dict[str, Fact], failed: set[str]) -> None:
    results = check_eligibility(POLICY, GOOD | change)
    assert {result.rule_id for result in results if not result.passed} == failed


def test_ceilings_are_converted_at_the_policy_rate() -> None:
    facts = GOOD | {"nuts": "DK032", "requested_minor": 10_000_000, "total_cost_minor": 20_000_000, "own_contribution_minor": 10_000_000}
    ceiling = 224_064_000  # EUR 300,000 at 7.4688, in øre
    for declared, passed in ((ceiling - 10_000_000, True), (ceiling - 9_999_999, False)):
        assert all(result.passed for result in check_eligibility(DANISH, facts | {"de_minimis_declared_minor": declared})) is passed


def test_a_result_explains_itself() -> None:
    result = next(r for r in check_eligibility(POLICY, GOOD | {"nuts": "EL303"}) if not r.passed)
    assert (result.rule_id, result.field, dict(result.facts_used)) == ("place", "nuts", {"nuts": "EL303"})
    assert result.message == "The seat is not in Central Macedonia."


def rule(expression: str) -> Rule:
    return Rule(id="rule", expression=expression, message="No.", field="requested_minor")


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_minor_units_are_compared_as_exact_integers(requested: int, declared: int) -> None:
    facts: dict[str, Fact] = {"requested_minor": requested, "de_minimis_declared_minor": declared}
    [result] = evaluate([rule("requested_minor > de_minimis_declared_minor")], facts)
    assert result.passed is (requested > declared)


def test_names_bound_in_an_expression_are_no_facts() -> None:
    assert facts_named("policy.places.exists(prefix, nuts.startsWith(prefix)) && staff > 0") == ("nuts", "staff")


def call_with(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "call.toml"
    shutil.copy(REGIONS / "gr-central-macedonia/calls/innovation-voucher-2026-1.toml", path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_call_window_is_local_wall_time(tmp_path: Path) -> None:
    call, policy = load_call(call_with(tmp_path, "12-10T09", "12-10T09"), BOOK)
    instants = call.instants(policy.zone)
    assert policy is BOOK.resolve(policy.region, policy.scheme, date(2025, 12, 10))
    assert instants.opens_at == datetime(2025, 12, 10, 7, tzinfo=UTC)
    assert instants.closes_at == datetime(2026, 1, 14, 13, tzinfo=UTC)
    assert instants.evaluation_due_at == datetime(2026, 2, 20, 22, tzinfo=UTC)
    assert instants.reminders_at == (instants.closes_at - timedelta(days=14), instants.closes_at - timedelta(days=3))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('currency = "EUR"', 'currency = "PLN"', "currency: The policy pays in EUR"),
        ("closes_at = 2026-01-14", "closes_at = 2025-11-14", "follow one another"),
        ("T15:00:00", "T15:00:00Z", "local times without a zone"),
        ("62_000_000", "62_000_000.0", "envelope_minor: Input should be a valid integer"),
        ("62_000_000", "99_999", "envelope_minor: The envelope is below the smallest voucher"),
        ("reserve_list_ends = 2026-04-30", "reserve_list_ends = 2026-05-22", "reserve_list_ends: The reserve list ends at most 90 days"),
        ("title = { el", "title = { da", "title: The title is given in exactly these languages: el, en"),
    ],
)
def test_a_faulty_call_is_refused_with_field_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        load_call(call_with(tmp_path, old, new), BOOK)


def test_a_call_before_any_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="10 November 2025"):
        load_call(call_with(tmp_path, "opens_at = 2025-12-10", "opens_at = 2025-11-10"), BOOK)


def test_faults_of_all_files_are_reported_at_once(edited: Edit, tmp_path: Path) -> None:
    bad = edited("max_count = 1", "max_count = -1")
    bad.with_name("2026-03-01.toml").write_text("region = 1", encoding="utf-8")
    with pytest.raises(LoadError) as refusal:
        load_book(tmp_path)
    assert "2025-12-01.toml: extension.max_count" in str(refusal.value)
    assert "2026-03-01.toml: region" in str(refusal.value)


def test_policy_survives_a_json_round_trip() -> None:
    assert Policy.model_validate_json(POLICY.model_dump_json(exclude_unset=True)).id == POLICY.id


def test_kept_book_is_shared_until_a_file_changes(edited: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_KEPT", {})
    path = edited('scheme = "innovation-voucher"', 'scheme = "innovation-voucher"')
    folder = path.parents[2]
    keep_book(str(folder))
    first, second = load_book(folder), load_book(folder)
    [policy], [same] = first.all(), second.all()
    assert policy is same
    first.learn(DANISH)  # by one process, which was published meanwhile
    assert second.all() == (policy,)
    os.utime(path, ns=(1, 1))
    [other] = load_book(folder).all()
    assert (other, other is policy) == (policy, False)


def test_folder_with_a_fault_is_left_to_who_needs_it(edited: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_KEPT", {})
    folder = edited('scheme = "innovation-voucher"', 'scheme = "other"').parents[2]
    keep_book(str(folder))
    with pytest.raises(LoadError, match="stands under"):
        load_book(folder)
