"""A score sheet between what people type and the values of the API. Pure. A name of a field is the path of its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.client.applications import QuestionView
from portal.client.evaluation import CriterionView, DraftView, SheetView
from portal.kit.formats import whole_of
from portal.kit.forms import Form
from portal.kit.reader import mark as _

NOT_POINTS = _("Enter whole points")


@dataclass
class Typed:
    """`values`: name → what stands in the field. `errors`: name → what is wrong. What cannot be read as points is in neither `scores`."""

    values: dict[str, str]
    scores: dict[str, int] = field(default_factory=dict)
    justifications: dict[str, str] = field(default_factory=dict)
    comment: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.scores.values())


def read(criteria: Sequence[CriterionView], form: Form) -> Typed:
    """What was typed; an empty field is no fault of a draft."""
    typed = Typed(dict(form), comment=form.get("comment"))
    for criterion in criteria:
        name, points = f"scores.{criterion.id}", form.get(f"scores.{criterion.id}")
        if points:
            try:
                typed.scores[criterion.id] = whole_of(points)
            except ValueError:
                typed.errors[name] = NOT_POINTS
        if words := form.get(f"justifications.{criterion.id}"):
            typed.justifications[criterion.id] = words
    return typed


def values_of(sheet: DraftView | SheetView | None) -> dict[str, str]:
    """Name → what stands in the field, of a sheet that is stored."""
    if sheet is None:
        return {}
    values = {f"scores.{name}": str(points) for name, points in sheet.scores.items()}
    values |= {f"justifications.{name}": words for name, words in (sheet.justifications or {}).items()}
    return values | {"comment": sheet.comment or ""}


def without(typed: Typed, fields: Mapping[str, str]) -> bool:
    """Leaves out what the API refused, so that the rest is saved. False when it is nothing that can be left out."""
    left = False
    for name in fields:
        part, _dot, criterion = name.partition(".")
        left = (part == "scores" and typed.scores.pop(criterion, None) is not None) or left
    return left


def answer_at(form: Mapping[str, Any], question: QuestionView) -> Any:
    """The answer to a question in a form, None without one; of a day as a date."""
    value: Any = form
    for part in question.id.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return date.fromisoformat(value) if value and question.type == "date" else value
