"""Time and completeness of a submission; receipts; repeated projects; relations for conflicts of interest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.answers import Setting
from services.applications.domain.duplicates import is_repeated
from services.applications.domain.form import Form, read_form
from services.applications.domain.receipt import prefix_of, receipt_number
from services.applications.domain.relations import relations_of
from services.applications.domain.sections import SectionState, Versions, section_statuses
from services.applications.domain.submission import Project, Window, check_complete, check_time
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import check_code
from tests.support.applications import BOOK, CLOSES, OPENS, form_with, policy

ZONE = "Europe/Zagreb"
WINDOW = Window(OPENS, CLOSES, closed=False, zone=ZONE)
FORM = BOOK.form(None)
TODAY = date(2025, 12, 20)
SETTING = Setting(policy(), {policy.region for policy in BOOK.all()}, TODAY)
TICK = timedelta(microseconds=1)


def code_of(state: str, repair_by: datetime | None, now: datetime, window: Window = WINDOW) -> str:
    try:
        check_time(state, repair_by, window, now)
    except Refused as refusal:
        return refusal.code
    return "accepted"


@pytest.mark.parametrize(
    ("now", "answer"), [(OPENS - TICK, "not-open-yet"), (OPENS, "accepted"), (CLOSES - TICK, "accepted"), (CLOSES, "deadline-passed")]
)
def test_window_includes_its_first_instant_not_its_end(now: datetime, answer: str) -> None:
    assert code_of("draft", None, now) == answer


def test_submission_after_call_closed_is_refused() -> None:
    assert code_of("draft", None, CLOSES - TICK, Window(OPENS, CLOSES, closed=True, zone=ZONE)) == "deadline-passed"


def test_returned_application_has_its_own_deadline() -> None:
    end = CLOSES + timedelta(days=5)
    assert code_of("returned", end, end - TICK, Window(OPENS, CLOSES, closed=True, zone=ZONE)) == "accepted"
    assert code_of("returned", end, end) == "deadline-passed"


def test_returned_application_is_open_as_long_as_its_call() -> None:
    """Returned on 20 December with seven days to correct it, in a call that is open until 16 January."""
    early = CLOSES - timedelta(days=20)
    assert code_of("returned", early, CLOSES - TICK) == "accepted"
    assert code_of("returned", early, CLOSES) == "deadline-passed"


@pytest.mark.parametrize("state", ["submitted", "withdrawn", "eligible", "ineligible"])
def test_only_draft_or_returned_application_is_submitted(state: str) -> None:
    with pytest.raises(Conflict, match=state):
        check_time(state, None, WINDOW, OPENS)


def test_passed_deadline_is_shown_in_the_regions_time() -> None:
    with pytest.raises(Refused, match="16 January 2026 at 12:00 CET") as refused:
        check_time("draft", None, WINDOW, CLOSES)
    assert refused.value.facts == {"ended_at": CLOSES, "zone": ZONE}
    midnight = datetime(2026, 10, 2, 22, tzinfo=UTC)  # the end of 2 October; source: "the last day and hour on which one may still act"
    with pytest.raises(Refused, match="02 October 2026 at 23:59 CEST"):
        check_time("returned", midnight, WINDOW, midnight)


def test_incomplete_form_is_refused_with_all_missing_paths() -> None:
    with pytest.raises(Refused) as refused:
        complete(project__title=None, firm__staff=None)
    assert (refused.value.code, refused.value.field) == ("incomplete", "firm.staff")
    assert refused.value.facts == {"missing": ["firm.staff", "project.title"]}


def aid(*days: date) -> list[dict[str, Any]]:
    return [{"granted_on": day.isoformat(), "amount_minor": 100_000} for day in days]


def complete(**answers: Any) -> Project:
    return check_complete(read_form(form_with(**answers)), FORM, SETTING)


@pytest.mark.parametrize(
    ("answers", "code", "field"),
    [
        ({"costs__currency": "PLN"}, "wrong-currency", "costs.currency"),
        ({"language": "de"}, "unknown-language", "language"),
        ({"project__ends_on": "2026-04-30"}, "dates-out-of-order", "project.ends_on"),
        ({"project__ends_on": "2028-07-01"}, "after-programme-end", "project.ends_on"),
        ({"project__partner_region": "xx-nowhere"}, "unknown-partner-region", "project.partner_region"),
        ({"project__partner_region": "hr-koprivnica"}, "unknown-partner-region", "project.partner_region"),
        ({"applicant__country": "PL"}, "nuts-elsewhere", "applicant.nuts"),
        ({"de_minimis__aid": aid(TODAY, TODAY + timedelta(days=1))}, "aid-to-come", "de_minimis.aid"),
    ],
)
def test_contradiction_is_refused_with_code_and_field(answers: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        complete(**answers)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("answers", "section", "said"),
    [
        ({"project__ends_on": "2026-04-30"}, "project", [("project.ends_on", "dates_out_of_order", ())]),
        ({"project__starts_on": None, "project__ends_on": "2028-07-01"}, "project", [
            ("project.starts_on", "missing", ()), ("project.ends_on", "after_programme_end", ()),
        ]),
        ({"project__partner_region": "hr-koprivnica"}, "project", [("project.partner_region", "unknown_partner_region", ())]),
        ({"de_minimis__aid": aid(TODAY, TODAY + timedelta(days=1))}, "state-aid", [("de_minimis.aid", "aid_to_come", (1, "granted_on"))]),
    ],
)  # fmt: skip
def test_section_says_a_contradiction_before_it_is_sent(
    answers: dict[str, Any], section: str, said: list[tuple[str, str, tuple[str | int, ...]]]
) -> None:
    form: Form = read_form(form_with(**answers))
    [status] = section_statuses(form, FORM, Versions({}, {}), SETTING, only=section)
    assert status.state == SectionState.IN_PROGRESS
    assert [(one.question, one.kind, one.inside) for one in status.faults] == said


def test_complete_form_gives_the_project() -> None:
    project = complete(project__partner_region="be-kortrijk", de_minimis__aid=aid(TODAY))
    assert (project.title, project.requested_minor) == ("A digital catalogue of patterns", 800_000)


def test_receipt_shows_call_and_sequence_and_can_be_checked() -> None:
    receipt = receipt_number("be-kortrijk", 3, 123)
    assert receipt.startswith("KRT-0003-0000-0123-")
    assert check_code(receipt)
    assert not check_code(receipt.replace("0123", "0132"))


@given(st.integers(1, 9999), st.integers(1, 10**8 - 1), st.integers(1, 9999), st.integers(1, 10**8 - 1))
def test_two_applications_never_share_a_receipt(call: int, sequence: int, other_call: int, other_sequence: int) -> None:
    same = (call, sequence) == (other_call, other_sequence)
    assert (receipt_number("dk-kolding", call, sequence) == receipt_number("dk-kolding", other_call, other_sequence)) == same


def test_prefixes_of_the_regions_differ() -> None:
    assert {prefix_of(region) for region in SETTING.regions} == {"KRT", "KLD", "KPR", "MLP", "MCD"}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("a digital catalogue of patterns", True),
        ("A  digital catalogue, of Patterns!", True),
        ("A digital cataloge of patterns", True),
        ("Å dïgital catalogue of patterns", True),
        ("A touring show of patterns", False),
        ("", False),
    ],
)
def test_nearly_the_same_title_is_the_same_project(other: str, same: bool) -> None:
    assert is_repeated("A digital catalogue of patterns", ["Something else", other]) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łódź: nić i żakard", "LODZ NIC I ZAKARD"),
        ("Ψηφιακό εργαστήριο", "ΨΗΦΙΑΚΟ ΕΡΓΑΣΤΗΡΙΟ"),
        ("Ουτοπία", "Outopia"),
        ("Ærø væv", "AERO VAEV"),
    ],
)
def test_title_in_other_letters_is_the_same(one: str, other: str) -> None:
    assert is_repeated(one, [other])
    assert not is_repeated(one, ["Koncert na Rynku"])


def test_relations_are_given_once_each_and_only_when_known() -> None:
    relations = relations_of(read_form(form_with(applicant__owners=["Sample Holding", "Sample Holding"])))
    assert relations == [
        ("tax-number", "00000000001"),
        ("employer", "00000000001"),
        ("employer", "Sample Studio One"),
        ("e-mail-domain", "office@studio-one.example"),
        ("address", "Sample Street 1 48000 Koprivnica HR"),
        ("owner", "Sample Holding"),
    ]
    assert "address" not in dict(relations_of(read_form(form_with(applicant__street=None))))
