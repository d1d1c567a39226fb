"""The form: strict in its answers, lenient about missing ones; the correction of a returned application."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.applications.domain.answers import changed_form, sums_at_odds
from services.applications.domain.correction import check_correction, check_return
from services.applications.domain.form import (
    Form,
    answers_of,
    blind_part,
    changed_paths,
    dump_form,
    paths,
    read_form,
    unanswered,
    with_answers,
)
from shared.kernel.errors import Conflict, Malformed, Refused
from shared.web.validation import message_of
from simulation.sample_answers import with_own_answers
from tests.support.applications import BOOK, form_with, policy

CORE = BOOK.form(None)
REQUIRED = [
    "language", "applicant.name", "applicant.tax_number", "applicant.email", "applicant.town", "applicant.country", "applicant.nuts",
    "applicant.activity_code", "firm.staff", "firm.turnover_minor", "firm.balance_minor", "firm.public_control_bp", "project.title",
    "project.summary", "project.starts_on", "project.ends_on", "project.topics", "costs.currency", "costs.total_cost_minor",
    "costs.requested_minor", "costs.own_contribution_minor",
]  # fmt: skip


def test_empty_form_lacks_every_required_answer_in_order() -> None:
    assert sorted(unanswered(read_form({}), CORE)) == sorted(REQUIRED)
    assert unanswered(read_form({}), CORE)[:2] == ["language", "applicant.name"]


def test_complete_form_lacks_nothing() -> None:
    assert unanswered(read_form(form_with(applicant__street=None, applicant__owners=None)), CORE) == []


def test_form_without_topics_lacks_an_answer() -> None:
    assert unanswered(read_form(form_with(project__topics=[])), CORE) == ["project.topics"]


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
def test_answer_that_is_not_well_formed_is_named(answers: dict[str, object], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        read_form(form_with(**answers))
    assert [error["loc"] for error in refused.value.errors()] == [path]


def test_stored_form_is_read_unchanged() -> None:
    form = read_form(form_with(firm__related=[{"share_bp": 3000, "staff": 1, "turnover_minor": 2, "balance_minor": 3}]))
    assert read_form(dump_form(form)) == form
    assert form.project.starts_on == date(2026, 5, 1)


@given(st.sampled_from(REQUIRED))
def test_required_answer_that_is_removed_is_missing(path: str) -> None:
    assert unanswered(read_form(form_with(**{path.replace(".", "__"): None})), CORE) == [path]


def test_paths_are_of_parts_and_answers() -> None:
    assert {"project", "project.title", "costs.requested_minor", "language"} <= set(paths())


def test_changed_answers_are_found_by_path() -> None:
    before, after = read_form(form_with()), read_form(form_with(firm__staff=5, project__topics=["film"], applicant__street=None))
    assert changed_paths(before, after) == ["applicant.street", "firm.staff", "project.topics"]


def test_correction_is_limited_to_the_returned_fields() -> None:
    before = read_form(form_with())
    check_correction(before, read_form(form_with(project__summary="More.")), ["project"], CORE)
    check_correction(before, read_form(form_with(project__summary="More.")), ["project.summary"], CORE)
    with pytest.raises(Refused) as refused:
        check_correction(before, read_form(form_with(costs__requested_minor=1)), ["project", "costs.total_cost_minor"], CORE)
    assert (refused.value.code, refused.value.field) == ("not-returned-for-this", "costs.requested_minor")


def test_correction_may_answer_a_question_that_is_new() -> None:
    """An application that was submitted before the form had the question could otherwise never be submitted again."""
    before = read_form(form_with(firm__staff=None, applicant__street=None))
    check_correction(before, read_form(form_with(applicant__street=None)), ["project"], CORE)
    with pytest.raises(Refused, match="project"):
        check_correction(before, read_form(form_with(firm__staff=None, applicant__street="New street")), ["project"], CORE)


def test_return_needs_a_submitted_application_and_a_limit() -> None:
    check_return("submitted", 1, ["project.summary"], policy(), CORE)
    with pytest.raises(Conflict, match="eligible"):
        check_return("eligible", 0, ["project.summary"], policy(), CORE)
    with pytest.raises(Conflict, match="at most 2"):
        check_return("submitted", 2, ["project.summary"], policy(), CORE)
    with pytest.raises(Refused, match=r"costs\.colour"):
        check_return("submitted", 0, ["costs.colour"], policy(), CORE)
    with pytest.raises(Refused, match="not returned for costs"):
        check_return("submitted", 0, ["costs"], policy(), CORE)


KORTRIJK = next(form for form in BOOK.forms if form.region == "be-kortrijk")
OWN = {"transitions": ["green"], "school": {"name": "School of Design"}, "works-with-school": True}


def test_blind_see_own_answers_only_where_a_question_says_so() -> None:
    form = read_form(form_with() | {"extra": OWN | {"unasked": "A name"}})
    seen = blind_part(form, KORTRIJK)
    assert seen.extra == {"transitions": ["green"], "works-with-school": True}
    assert (seen.applicant, seen.project.title) == (read_form({}).applicant, form.project.title)


def test_own_answers_are_changed_found_and_removed_by_id() -> None:
    before = read_form(form_with() | {"extra": OWN})
    after = with_answers(before, {"extra.transitions": ["social"], "extra.school": None, "project.title": "Another"})
    assert after.extra == {"transitions": ["social"], "works-with-school": True}
    assert changed_paths(before, after) == ["project.title", "extra.transitions", "extra.school"]
    assert answers_of(after)["extra.transitions"] == ["social"]


def test_answer_to_a_question_not_asked_counts_as_none() -> None:
    answers = answers_of(read_form(with_own_answers(form_with(), KORTRIJK)))
    assert KORTRIJK.unanswered(answers) == []
    other = answers | {"extra.transitions": ["social"], "extra.works-with-school": False}
    asked = [question.id for question in KORTRIJK.asked(other)]
    assert "extra.green-effect" not in asked
    assert "extra.school" not in asked


def at_odds(form: Form) -> list[tuple[str, str]]:
    answers = answers_of(form)
    return sums_at_odds(KORTRIJK.asked(answers), answers)


def test_sums_are_compared_once_both_are_answered() -> None:
    form = read_form(with_own_answers(form_with(), KORTRIJK))
    assert at_odds(form) == []
    assert at_odds(with_answers(form, {"costs.total_cost_minor": 1})) == [("extra.budget", "costs.total_cost_minor")]
    assert at_odds(with_answers(form, {"costs.total_cost_minor": None})) == []
    assert at_odds(with_answers(form, {"extra.budget": None})) == []


@pytest.mark.parametrize(
    ("question", "typed", "said"),
    [
        ("applicant.email", "maja@", "An e-mail address is needed, such as name@example.com."),
        ("applicant.country", "Croatia", "Two capital letters are needed, such as GR or HR."),
        ("applicant.tax_number", "?????", "The text is not of the expected form."),
    ],
)
def test_what_an_answer_should_look_like_is_said(question: str, typed: str, said: str) -> None:
    with pytest.raises(Malformed) as refused:
        changed_form(Form(), {question: typed}, CORE)
    assert message_of(refused.value.errors()[-1])[0] == said
