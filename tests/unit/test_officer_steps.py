"""Screening of a whole call in steps: how far it is, and whether there is a next step."""

from types import SimpleNamespace
from typing import Any

import pytest

from portal.officer.steps import STEP, Progress, progress_of

WHOLE = ["eligible"] * (STEP - 1) + ["ineligible"]


@pytest.mark.parametrize(
    ("action", "outcomes", "states", "expected"),
    [
        ("screen", WHOLE, {"submitted": 100, "eligible": 250, "returned": 1}, Progress(250, 351, goes_on=True)),
        ("screen", WHOLE, {"returned": 1, "eligible": 399}, Progress(399, 400, goes_on=False)),
        ("screen", WHOLE[:-1], {"submitted": 3, "eligible": 199}, Progress(199, 202, goes_on=False)),
        ("screen", ["refused"] * STEP, {"submitted": 300}, Progress(0, 300, goes_on=False)),
        ("screen", [], {}, Progress(0, 0, goes_on=False)),
        ("flag", ["flagged"] * STEP, {"submitted": 300}, None),
    ],
    ids=["more-to-screen", "all-screened", "flagged-are-left", "nothing-moves", "nothing-there", "another-act"],
)
def test_next_step_is_there_while_some_are_left(action: str, outcomes: list[str], states: dict[str, int], expected: Any) -> None:
    act: Any = SimpleNamespace(action=action, results=[SimpleNamespace(outcome=outcome) for outcome in outcomes])
    counts: Any = SimpleNamespace(states=states)
    assert progress_of(act, counts) == expected
