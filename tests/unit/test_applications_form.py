"""The form: strict where it is filled in, lenient about what is missing, and what may be mended."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.applications.domain.form import changed_paths, dump_form, paths, read_form, unanswered
from services.applications.domain.repair import check_mended, check_return
from shared.kernel.errors import Conflict, Refused
from tests.support.applications import form_with, policy

REQUIRED = [
    "language", "applicant.name", "applicant.tax_number", "applicant.email", "applicant.town", "applicant.country", "applicant.nuts",
    "applicant.activity_code", "firm.staff", "firm.turnover_minor", "firm.balance_minor", "firm.public_control_bp", "project.title",
    "project.summary", "project.starts_on", "project.ends_on", "project.topics", "costs.currency", "costs.total_cost_minor",
    "costs.requested_minor", "costs.own_contribution_minor",
]  # fmt: skip


def test_an_empty_form_lacks_every_required_answer_in_order() -> None:
    assert sorted(unanswered(read_form({}))) == sorted(REQUIRED)
    assert unanswered(read_form({}))[:2] == ["language", "applicant.name"]


def test_a_complete_form_lacks_nothing() -> None:
    assert unanswered(read_form(form_with(applicant__street=None, applicant__owners=None))) == []


def test_no_topic_at_all_is_a_missing_answer() -> None:
    assert unanswered(read_form(form_with(project__topics=[]))) == ["project.topics"]


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"firm__staff": "4"}, ("firm", "staff")),
        ({"firm__staff": 4.0}, ("firm", "staff")),
        ({"firm__staff": -1}, ("firm", "staff")),
        ({"costs__requested_minor": True}, ("costs", "requested_minor")),
        ({"project__starts_on": 20260501}, ("project", "starts_on")),
        ({"project__title": "x" * 201}, ("project", "title")),
        ({"project__title": "   "}, ("project", "title")),
        ({"project__colour": "red"}, ("project", "colour")),
        ({"applicant__email": "nobody"}, ("applicant", "email")),
        ({"applicant__owners": ["a"] * 21}, ("applicant", "owners")),
        ({"de_minimis__declared": "yes"}, ("de_minimis", "declared")),
    ],
)
def test_what_is_not_well_formed_is_named(answers: dict[str, object], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        read_form(form_with(**answers))
    assert [error["loc"] for error in refused.value.errors()] == [path]


def test_a_form_survives_being_stored() -> None:
    form = read_form(form_with(firm__related=[{"share_bp": 3000, "staff": 1, "turnover_minor": 2, "balance_minor": 3}]))
    assert read_form(dump_form(form)) == form
    assert form.project.starts_on == date(2026, 5, 1)


@given(st.sampled_from(REQUIRED))
def test_every_required_answer_is_missed_when_it_is_taken_out(path: str) -> None:
    assert unanswered(read_form(form_with(**{path.replace(".", "__"): None}))) == [path]


def test_paths_of_parts_and_answers() -> None:
    assert {"project", "project.title", "costs.requested_minor", "language"} <= set(paths())


def test_changes_are_found_by_path() -> None:
    before, after = read_form(form_with()), read_form(form_with(firm__staff=5, project__topics=["film"], applicant__street=None))
    assert changed_paths(before, after) == ["applicant.street", "firm.staff", "project.topics"]


def test_only_what_was_returned_may_be_mended() -> None:
    before = read_form(form_with())
    check_mended(before, read_form(form_with(project__summary="More.")), ["project"])
    check_mended(before, read_form(form_with(project__summary="More.")), ["project.summary"])
    with pytest.raises(Refused) as refused:
        check_mended(before, read_form(form_with(costs__requested_minor=1)), ["project", "costs.total_cost_minor"])
    assert (refused.value.code, refused.value.field) == ("not-returned-for-this", "costs.requested_minor")


def test_a_file_is_returned_only_while_submitted_and_only_so_often() -> None:
    check_return("submitted", 1, ["costs"], policy())
    with pytest.raises(Conflict, match="eligible"):
        check_return("eligible", 0, ["costs"], policy())
    with pytest.raises(Conflict, match="at most 2"):
        check_return("submitted", 2, ["costs"], policy())
    with pytest.raises(Refused, match=r"costs\.colour"):
        check_return("submitted", 0, ["costs.colour"], policy())
