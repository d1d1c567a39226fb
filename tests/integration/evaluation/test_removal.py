"""CaseRemoved in evaluation: the comments go, scores and decisions stay; a removal that is too early or of another end has no effect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.evaluation.tables import AssignmentRow, CaseRow, DecisionRow, RankingRow
from shared.contracts.applications import CaseRemoved
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import RetentionClass
from shared.messaging.tables import DeadLetterRow, ParkedRow
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.privacy.retention import EndedCase, kept_until
from tests.integration.evaluation.conftest import Desk, sheet
from tests.support.evaluation import BOOK, OPENS, Scene

TERMS = next(policy.retention for policy in BOOK.all() if policy.retention)
TELLING = "someone-s-words"


@dataclass
class Removing(Scene):
    """A call of two cases under a policy with terms: the first is granted, the second, below the threshold, refused."""

    @property
    def policy(self) -> Policy:
        return super().policy.model_copy(update={"retention": TERMS})

    def removed(self, sequence: int, kind: str, kept_until: datetime) -> CaseRemoved:
        return CaseRemoved(**self.of_case(sequence), retention_class=kind, kept_until=kept_until)  # type: ignore[arg-type]

    def end_of_term(self, kind: RetentionClass) -> datetime:
        until = kept_until(self.policy, EndedCase(kind, OPENS + timedelta(days=120)))
        assert until is not None
        return until


@pytest.fixture
async def scene(desk: Desk) -> Removing:
    scene = Removing()
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook([scene.policy])
    await desk.register("expert-1", "expert-2")
    await desk.receive(scene.published(), scene.eligible(1), scene.eligible(2), scene.screened(1, 2))
    for assignment in await desk.assignments():
        await desk.declare(assignment)
        total = 80 if assignment["application_id"] == str(scene.application(1)) else 10
        await desk.score(assignment, sheet(total), comment=TELLING)
    await desk.approve(scene)
    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: "granted", 2: "refused"}
    return scene


async def comments(desk: Desk, application_id: UUID) -> set[str | None]:
    return {row.comment for row in await desk.rows(AssignmentRow) if row.application_id == application_id}


@pytest.mark.parametrize(("sequence", "kind"), [(1, RetentionClass.PAID), (1, RetentionClass.WITHDRAWN), (2, RetentionClass.REFUSED)])
async def test_comments_go_and_the_record_stays(desk: Desk, scene: Removing, sequence: int, kind: RetentionClass) -> None:
    before = [str(row) for table in (DecisionRow, RankingRow) for row in await desk.rows(table)]
    scores = [row.scores for row in await desk.rows(AssignmentRow)]
    desk.clock.instant = until = scene.end_of_term(kind)
    await desk.receive(scene.removed(sequence, kind, until))
    assert await comments(desk, scene.application(sequence)) == {None}
    assert await comments(desk, scene.application(3 - sequence)) == {TELLING}
    assert (await desk.row(CaseRow, scene.application(sequence))).removed_at is not None
    assert [str(row) for table in (DecisionRow, RankingRow) for row in await desk.rows(table)] == before
    assert sorted(map(str, scores)) == sorted(str(row.scores) for row in await desk.rows(AssignmentRow))


FORGED: list[tuple[int, str, dict[str, Any]]] = [
    (1, "refused", {}),  # it was granted
    (1, "draft", {}),
    (2, "paid", {}),
    (2, "withdrawn", {}),
    (2, "draft", {}),
    (2, "no-such-class", {}),
    (2, "refused", {"region": "dk-kolding"}),
]


@pytest.mark.parametrize(("sequence", "kind", "changed"), FORGED, ids=[f"{n}-{kind}-{list(more)}" for n, kind, more in FORGED])
async def test_forged_removal_has_no_effect(desk: Desk, scene: Removing, sequence: int, kind: str, changed: dict[str, Any]) -> None:
    desk.clock.instant = scene.end_of_term(RetentionClass.PAID)
    honest = scene.removed(sequence, "refused", desk.clock.instant)
    await desk.deliver(honest.model_copy(update={"retention_class": kind, **changed}))
    assert await comments(desk, scene.application(sequence)) == {TELLING}
    assert len(await desk.rows(DeadLetterRow)) == 1


async def test_removal_before_the_term_has_no_effect(desk: Desk, scene: Removing) -> None:
    """Counted from what evaluation knows: the case was submitted then, so it had not ended."""
    submitted_at = (await desk.row(CaseRow, scene.application(2))).submitted_at
    earliest = kept_until(scene.policy, EndedCase(RetentionClass.REFUSED, submitted_at))
    assert earliest is not None
    desk.clock.instant = earliest - timedelta(microseconds=1)
    await desk.deliver(scene.removed(2, "refused", earliest))
    desk.clock.instant = earliest + timedelta(days=30)
    await desk.deliver(scene.removed(2, "refused", earliest - timedelta(microseconds=1)))
    assert await comments(desk, scene.application(2)) == {TELLING}
    assert (len(await desk.rows(ParkedRow)), len(await desk.rows(DeadLetterRow))) == (1, 1)
    await desk.deliver(scene.removed(2, "refused", earliest), twice=True)
    assert await comments(desk, scene.application(2)) == {None}


async def test_removal_of_a_case_without_evaluation_is_nothing(desk: Desk, scene: Removing) -> None:
    """A draft, or an application that was found ineligible."""
    event = scene.removed(1, "draft", desk.clock.instant).model_copy(update={"application_id": new_id()})
    await desk.deliver(event)
    await desk.assert_nothing_lost()
