"""The database itself refuses bad rows, whatever the code does."""

import pytest
from sqlalchemy.exc import IntegrityError

from tests.integration.evaluation.conftest import Desk
from tests.support.databases import run_as_owner
from tests.support.evaluation import AWARD, FIRST_COME, Scene

SECOND_DECISION = """
    INSERT INTO decisions (id, application_id, call_id, number, outcome, rules, amount_minor, released_minor, added_minor,
                           not_funded, decided_at)
    SELECT gen_random_uuid(), application_id, call_id, number + 1, 'refused', '["withdrawn"]', amount_minor, 0, 0, false, decided_at
    FROM decisions
"""


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (SECOND_DECISION, "one_decision_in_force"),
        ("UPDATE decisions SET outcome = 'reserve', award_id = NULL", "never changed"),
        ("UPDATE decisions SET amount_minor = amount_minor + 1", "never changed"),
        ("DELETE FROM decisions", "never changed or deleted"),
        ("UPDATE decisions SET superseded_at = decided_at", "what_may_end"),
        (f"UPDATE decisions SET released_minor = {AWARD + 1}", "released"),
        ("UPDATE cases SET total_hundredths = 7000", "result_is_whole"),
        ("UPDATE calls SET nonce = 'ab', nonce_hash = 'cd'", "nonce"),
    ],
)
async def test_bad_decision_or_case_is_refused_by_the_database(desk: Desk, statement: str, constraint: str) -> None:
    scene = Scene(FIRST_COME)
    await desk.receive(scene.published(), scene.eligible(1))
    with pytest.raises(IntegrityError, match=constraint):
        await run_as_owner(desk.sessions.kw["bind"], statement)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE assignments SET seat = 1", "one_active_per_seat"),
        ("UPDATE assignments SET evaluator_id = 'ev-a'", "one_assignment_per_evaluator"),
        ("UPDATE assignments SET state = 'scored', declared_at = assigned_at", "sheet_is_whole"),
        ("UPDATE assignments SET state = 'declared'", "declared_before_scored"),
        ("UPDATE calls SET nonce = NULL, nonce_hash = NULL", "nonce"),
    ],
)
async def test_bad_assignment_is_refused_by_the_database(desk: Desk, statement: str, constraint: str) -> None:
    scene = Scene()
    await desk.register("ev-a", "ev-b")
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    with pytest.raises(IntegrityError, match=constraint):
        await run_as_owner(desk.sessions.kw["bind"], statement)
