"""The main path: a call, a submitted application, the rules' verdict, and the events of each step."""

from shared.contracts.applications import (
    ApplicantJoined,
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    CallClosed,
    CallOpened,
    CallPublished,
    ScreeningCompleted,
)
from shared.kernel.vocabulary import MilestoneKind
from tests.integration.applications.conftest import Desk
from tests.support.applications import CLOSES, FIRM, OPENS, OTHER_FIRM
from tests.support.milestones import milestone


async def test_call_to_verdict_publishes_each_step(desk: Desk) -> None:
    call = await desk.publish_call()
    desk.clock.instant = OPENS
    await desk.deliver(milestone(MilestoneKind.CALL_OPENS, call["id"], OPENS))
    good = await desk.submitted(call["id"], FIRM)
    large = await desk.submitted(call["id"], OTHER_FIRM, firm__staff=300)

    assert (await desk.screen(good))["assessment"]["amount_minor"] == 800_000
    verdict = await desk.screen(large)
    assert verdict["state"] == "ineligible"
    assert [rule["rule"] for rule in verdict["assessment"]["rules"] if not rule["passed"]] == ["sme-size"]
    desk.clock.instant = CLOSES
    await desk.deliver(milestone(MilestoneKind.CALL_CLOSES, call["id"], CLOSES))

    kinds = [CallPublished, CallOpened, *2 * [ApplicantJoined, ApplicationSubmitted]]
    kinds += [ApplicationFoundEligible, ApplicationFoundIneligible, CallClosed, ScreeningCompleted]
    assert [event.type for event in await desk.events()] == [kind.type for kind in kinds]
