"""Sample answers to a region's own questions, so that a new mandatory question needs no change in tests, demonstration and benchmarks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.applications.domain.eligibility import NONE
from services.applications.domain.form import answers_of, read_form
from shared.policy.answers import Answer, Choice, Choices, ColumnAnswer, ShortText, Table, Texts
from shared.policy.form import EXTRA, FormDefinition

Choose = Callable[[Sequence[str], str], str]
"""One of the values; the second argument names what it is for."""
MADE_UP = "Made up for demonstration."
_BY_TYPE: Mapping[str, Any] = {
    "e-mail": "office@sample.example",
    "phone": "+32 56 00 00 00",
    "date": "2026-05-01",
    "yes-no": True,
    "declaration": True,
    "organisation": {"name": "Sample School"},
    "person": {"name": "Sample Person"},
}


def _first(values: Sequence[str], _: str) -> str:
    return values[0]


def with_own_answers(form: Mapping[str, Any], definition: FormDefinition, choose: Choose = _first) -> dict[str, Any]:
    """The form with an answer to each question of the region's own that a submission needs, but for files: those are given one by one."""
    form = _as_asked(form, definition)
    answers = answers_of(read_form(form))
    while missing := [name for name in definition.unanswered(answers) if name.startswith(EXTRA) and name not in definition.file_questions]:
        answers[missing[0]] = _answer(definition.by_id[missing[0]].answer, answers, choose, missing[0])
    own = {name.removeprefix(EXTRA): value for name, value in answers.items() if name.startswith(EXTRA)}
    return {**form, "extra": own} if own else dict(form)


def _as_asked(form: Mapping[str, Any], definition: FormDefinition) -> Mapping[str, Any]:
    """The sample in the answers that the form asks: work units in hundredths, nobody else's public money, and nothing that
    the regulation on de minimis aid leaves out."""
    firm, costs = form.get("firm", {}), form.get("costs", {})
    if "firm.staff_hundredths" in definition.by_id and "staff" in firm:
        kept = {name: value for name, value in firm.items() if name != "staff"}
        form = {**form, "firm": {**kept, "staff_hundredths": firm["staff"] * 100}}
    if "costs.other_public_minor" in definition.by_id and "costs" in form:
        form = {**form, "costs": {"other_public_minor": 0, **costs}}
    if "de_minimis.purposes" in definition.by_id and "de_minimis" in form:
        form = {**form, "de_minimis": {"sectors": [NONE], "purposes": [NONE], **form["de_minimis"]}}
    return form


def _answer(answer: Answer | ColumnAnswer, answers: Mapping[str, Any], choose: Choose, name: str) -> Any:
    if isinstance(answer, Table):
        row = {column.key: _answer(column.answer, answers, choose, f"{name} {column.key}") for column in answer.columns}
        return [row | {total.column: answers[total.equals] for total in answer.sums if total.equals is not None}]
    if isinstance(answer, ShortText | Texts):
        text = MADE_UP[: answer.max_length]
        return [text] if isinstance(answer, Texts) else text.ljust(answer.min_length, ".")
    if isinstance(answer, Choice):
        value = choose([option.value for option in answer.options], name)
        return [value] if isinstance(answer, Choices) else value
    return _BY_TYPE.get(answer.type, getattr(answer, "minimum", 0))
