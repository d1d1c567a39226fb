"""A score sheet as it is typed; the lines of a ranking list."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from portal.client.applications import QuestionView
from portal.client.evaluation import CriterionView, RankingView
from portal.evaluator import sheet
from portal.kit.forms import Form
from portal.officer.ranking import lines_of

CRITERIA = [
    CriterionView(id=name, title={"en": name}, points_max=30, threshold_points_hundredths=1500, guidance={})
    for name in ("relevance", "quality")
]


def read(**fields: str) -> sheet.Typed:
    return sheet.read(CRITERIA, Form.of((name.replace("__", "."), value) for name, value in fields.items()))


def test_what_cannot_be_read_as_points_is_left_out_and_kept() -> None:
    typed = read(scores__relevance=" 20 ", scores__quality="many", justifications__quality="Because.", comment="So.")
    assert (typed.scores, typed.justifications, typed.comment, typed.total) == ({"relevance": 20}, {"quality": "Because."}, "So.", 20)
    assert (typed.errors, typed.values["scores.quality"]) == ({"scores.quality": sheet.NOT_POINTS}, "many")


def test_refused_points_are_left_out_so_that_the_rest_is_saved() -> None:
    typed = read(scores__relevance="31", scores__quality="20")
    assert sheet.without(typed, {"scores.relevance": "From 0 to 30 points."})
    assert typed.scores == {"quality": 20}
    assert not sheet.without(typed, {"comment": "Too long."})


@pytest.mark.parametrize(
    ("question", "kind", "expected"),
    [
        ("project.title", "text", "Loom"),
        ("project.starts_on", "date", date(2026, 3, 1)),
        ("extra.film", "text", None),
        ("costs", "table", []),
    ],
)
def test_answer_is_found_by_the_id_of_its_question(question: str, kind: str, expected: Any) -> None:
    form = {"project": {"title": "Loom", "starts_on": "2026-03-01"}, "extra": None, "costs": []}
    assert sheet.answer_at(form, cast(QuestionView, SimpleNamespace(id=question, type=kind))) == expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["granted", "reserve", "reserve", "refused"], {1: "reserve", 3: "refused"}),
        (["granted", "refused"], {1: "refused"}),
        (["reserve"], {0: "reserve"}),
        (["granted", "granted"], {}),
    ],
)
def test_lines_stand_where_the_outcome_changes(outcomes: list[str], expected: dict[int, str]) -> None:
    entries = [
        SimpleNamespace(application_id=UUID(int=place), proposed=outcome, listed_as=None, outcome=None)
        for place, outcome in enumerate(outcomes)
    ]
    found = lines_of(cast(RankingView, SimpleNamespace(entries=entries)))
    assert {key.int: line for key, line in found.items()} == expected
