"""An expression of interest is chosen in the place of an award: no money comes from it. Source: issue 15, point 4 (two-step)."""

from services.evaluation.tables import DecisionRow
from shared.contracts.evaluation import AwardGranted, ExpressionChosen, PlacedOnReserveList
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.policy.two_step import Expression
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import BOOK, FIRST_COME, RANKING, Scene
from tests.support.evaluation import officer as officer_of


class Expressions(PolicyBook):
    """Every policy asks for expressions of interest."""

    def get(self, policy_id: str) -> Policy:
        return super().get(policy_id).model_copy(update={"expression": Expression(leads_to="the-next")})


async def test_queue_invites_up_to_the_indicative_sum(desk: Desk) -> None:
    desk.policies = desk.inbox.policies = desk.app.state.policies = Expressions(BOOK.all())
    scene = Scene(FIRST_COME, envelope=1_000_000)
    await desk.receive(scene.published(), *(scene.eligible(number, 400_000) for number in (1, 2, 3)))
    assert await desk.outcomes(scene) == {1: "invited", 2: "invited", 3: "reserve"}
    assert await desk.published(AwardGranted, ExpressionChosen, PlacedOnReserveList) == ["ExpressionChosen"] * 2 + ["PlacedOnReserveList"]
    assert {(row.outcome, row.award_id) for row in await desk.rows(DecisionRow)} == {("invited", None), ("reserve", None)}
    assert (await desk.ranking(scene))["granted_minor"] == 800_000
    await desk.receive(scene.withdrawn(2))
    assert await desk.outcomes(scene) == {1: "invited", 2: "invited", 3: "reserve"}, "an invitation is final"


async def test_list_says_who_is_invited(desk: Desk) -> None:
    desk.policies = desk.inbox.policies = desk.app.state.policies = Expressions(BOOK.all())
    scene = Scene(RANKING, envelope=500_000)
    await desk.register("anna", "bert")
    await desk.receive(scene.published(), scene.eligible(1), scene.closed(1), scene.screened(1))
    await desk.evaluate(scene.application(1), 80, 80)
    assert [one["proposed"] for one in (await desk.ranking(scene))["entries"]] == ["invited"]
    await desk.approve(scene, officer_of(scene.method))
    assert (await desk.result(scene, 1))["listed_as"] == "invited"
    await desk.receive(scene.appeals_over())
    assert await desk.outcomes(scene) == {1: "invited"}
    assert await desk.events(AwardGranted) == []
