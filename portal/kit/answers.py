"""Answers of an application form between what people type and the JSON values of the API. Pure.

A field has the id of its question as its name; a part of an answer follows after a point ('extra.school.name'), a cell of a table as
'extra.budget[0].cost_minor'.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.client.applications import ColumnView, QuestionView
from portal.kit.formats import LONGEST, amount, amount_fault, minor_of, number, whole_of
from portal.kit.forms import Form
from portal.kit.picker import Hit, code_in, hits, shown
from portal.kit.reader import CHOOSE
from portal.kit.reader import mark as _
from portal.kit.texts import text
from shared.classifications import Scheme

PARTS = {"organisation": ("name", "tax_number", "email", "country"), "person": ("name", "role", "email", "phone")}
NOT_A_NUMBER = _("Enter a number")
NOT_WHOLE = _("Enter a whole number")
TOO_LARGE = _("Enter %(most)s at most")
NOT_AN_AMOUNT = _("Enter an amount, for example 1,250.00")
MORE_ROWS = 2
"""Empty rows of a table below those that are filled in."""
Typed = dict[str, str | list[str]]
_DECIMAL = re.compile(r"(\d+)(?:[.,](\d+))?", re.ASCII)


def typed(question: QuestionView, value: Any, currency: str, language: str) -> Typed:
    """Name of each field of the question → what stands in it."""
    if question.type == "table":
        return {
            f"{question.id}[{row}].{column.key}": _typed_cell(column, cells.get(column.key), currency, language)
            for row, cells in enumerate(value or [])
            for column in question.columns or []
        }
    if question.type in PARTS:
        return {f"{question.id}.{part}": (value or {}).get(part, "") for part in PARTS[question.type]}
    if question.type == "choices":
        return {question.id: list(value or [])}
    if question.type == "texts":
        return {question.id: "\n".join(value or [])}
    if question.classification and value:
        return {question.id: shown(Scheme(question.classification), value, language)}
    return {question.id: _typed_cell(question, value, currency, language)}


def read(question: QuestionView, form: Form, currency: str, language: str) -> tuple[Any, dict[str, str]]:
    """The answer, None for no answer; and name of a field → text of what is wrong with it, in English or in `language`."""
    errors: dict[str, str] = {}
    if question.type == "table":
        return _read_table(question, form, currency, language, errors), errors
    if question.type in PARTS:
        parts = {part: form.get(f"{question.id}.{part}") for part in PARTS[question.type]}
        return {part: value for part, value in parts.items() if value} or None, errors
    if question.type == "choices":
        return [value for value in form.all(question.id) if value] or None, errors
    if question.type == "texts":
        return [line.strip() for line in form.get(question.id).split("\n") if line.strip()] or None, errors
    if question.classification and form.get(question.id):
        scheme = Scheme(question.classification)
        code = code_in(scheme, question.id, form.get)
        return code, errors if code else {question.id: CHOOSE[scheme]}
    return _read_cell(question, question.id, form, currency, language, errors), errors


def is_sent(question: QuestionView, form: Form) -> bool:
    """Whether the form has a field of the question."""
    return any(is_field_of(question.id, name) for name, _ in form)


def is_field_of(question: str, name: str) -> bool:
    return name == question or name.startswith((f"{question}.", f"{question}["))


def field_of(question: QuestionView, path: str, form: Form) -> str:
    """The field of a fault that the API names by its path: 'extra.budget.1.kind' is in the second row in which something was typed. An
    item of a list, 'project.topics.0', has no field of its own."""
    inside = path.removeprefix(question.id + ".").split(".")
    if question.type != "table" and question.type not in PARTS:
        return question.id
    if question.type != "table" or not inside[0].isdigit():
        return path
    filled = _filled(question, form)
    row = int(inside[0])
    return f"{question.id}[{filled[row] if row < len(filled) else row}].{'.'.join(inside[1:])}"


def choices(questions: Iterable[QuestionView], form: Typed, language: str) -> dict[str, list[Hit]]:
    """Question → what of its list fits the text that stands there, where that is no code."""
    fields = Form.of((name, value) for name, value in form.items() if isinstance(value, str))
    country = fields.get("applicant.country") or None
    return {
        one.id: hits(Scheme(one.classification), fields.get(one.id), language, country)
        for one in questions
        if one.classification and fields.get(one.id) and code_in(Scheme(one.classification), one.id, fields.get) is None
    }


def rows(question: QuestionView, form: Typed) -> int:
    """How many rows of a table are shown."""
    filled = [int(found[1]) for name in form if (found := _row(question, name))]
    return min(max(filled, default=-1) + 1 + MORE_ROWS, question.most or MORE_ROWS)


def digest(value: Any) -> str:
    """Tells a changed answer from one that is as it was loaded, without sending it twice."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def sums(question: QuestionView, value: Any) -> dict[str, int]:
    """Column → sum of its numbers."""
    return {total.column: sum(row.get(total.column) or 0 for row in value or []) for total in question.sums or []}


def totals(questions: Iterable[QuestionView], values: Mapping[str, Any], currency: str, language: str) -> dict[str, str]:
    """'<question>.<column>' → the sum of the column, as it is shown."""
    return {
        f"{question.id}.{column.key}": _typed_cell(column, added[column.key], currency, language)
        for question in questions
        for added in [sums(question, values.get(question.id))]
        for column in question.columns or []
        if column.key in added
    }


def from_profile(questions: Iterable[QuestionView], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the organisation, for the questions that ask it; of a choice only what is an option."""
    found = {}
    for question in questions:
        value = known.get(question.id)
        options = {option.value for option in question.options or []}
        if value is not None and (not options or value in options):
            found[question.id] = value
    return found


def _typed_cell(question: QuestionView | ColumnView, value: Any, currency: str, language: str) -> str:
    if value is None:
        return ""
    if question.type == "money":
        return amount(value, currency, language)
    if question.type == "number":
        return number(Decimal(value).scaleb(-(question.decimals or 0)), language)
    if question.type in ("yes-no", "declaration"):
        return "yes" if value else "no"
    return str(value)


def _read_cell(question: QuestionView | ColumnView, name: str, form: Form, currency: str, language: str, errors: dict[str, str]) -> Any:
    typed = form.get(name)
    if question.type == "declaration":
        return True if typed == "yes" else None
    if not typed:
        return None
    if question.type == "yes-no":
        return typed == "yes"
    try:
        if question.type == "money":
            return minor_of(typed, currency)
        if question.type == "number":
            value = _number(typed, question.decimals or 0)
            if question.maximum is not None and value > question.maximum:
                errors[name] = text(language, TOO_LARGE) % {"most": _typed_cell(question, question.maximum, currency, language)}
            return value
    except ValueError as error:
        needed = NOT_AN_AMOUNT if question.type == "money" else NOT_A_NUMBER if question.decimals else NOT_WHOLE
        errors[name] = amount_fault(error, language, needed)
        return None
    return typed


def _read_table(question: QuestionView, form: Form, currency: str, language: str, errors: dict[str, str]) -> list[dict[str, Any]] | None:
    """Rows in which nothing was typed are none."""
    columns: Sequence[ColumnView] = question.columns or []
    numbers = _filled(question, form)
    table = []
    for row in numbers[: question.most or 100]:
        cells = {
            column.key: _read_cell(column, f"{question.id}[{row}].{column.key}", form, currency, language, errors) for column in columns
        }
        table.append({key: value for key, value in cells.items() if value is not None})
    return table or None


def _filled(question: QuestionView, form: Form) -> list[int]:
    """The numbers of the rows in which something was typed."""
    return sorted({int(found[1]) for name, text in form if text.strip() and (found := _row(question, name))})


def _row(question: QuestionView, name: str) -> re.Match[str] | None:
    return re.fullmatch(re.escape(question.id) + r"\[(\d{1,3})\]\..+", name)


def _number(typed: str, decimals: int) -> int:
    """ValueError for what is none, or has more decimals. Between thousands of a number without decimals there may be points or commas."""
    plain = "".join(typed.split()).removesuffix("%")
    if not decimals:
        return whole_of(plain)
    found = _DECIMAL.fullmatch(plain)
    if found is None or len(found[2] or "") > decimals or len(plain) > LONGEST:
        raise ValueError(typed)
    return int(found[1] + (found[2] or "").ljust(decimals, "0"))
