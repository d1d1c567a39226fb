"""The two calls of a two-step scheme, with one expression of interest that is a draft; and its way to the invitation."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from deploy.embedded.state import State
from operations.client import Api
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.officer import Officer, publish_call
from simulation.demo.load import DemoOptions, load_regions
from simulation.demo.organisations import Organisations
from simulation.demo.seeded_random import SeededRandom
from simulation.provider.people import NUMBERS, user_name
from tests.desks.programme import TWO_STEPS, Agreeing, CallRegion, call_of
from tests.desks.stages import until

REGION, (INTEREST, FULL) = TWO_STEPS
APPLICANT = user_name("applicant", NUMBERS["applicant"], REGION)
OPEN_FOR = timedelta(days=30)
"""The call by invitation: it is open while the first step goes on, and long after it."""
DECIDED_SECONDS = 120.0
"""A term of appeal of a day, which a weekend makes longer."""


@dataclass(frozen=True)
class TwoSteps:
    """`draft`: the expression of interest. `title`: of its project. `organisation`: at the platform. `evaluators`: registered."""

    interest: CallRegion
    full: CallRegion
    draft: str
    title: str
    organisation: str
    evaluators: Evaluators = field(repr=False)


async def published(api: Api, state: State) -> TwoSteps:
    """Both calls are published, and the expression of interest is written."""
    regions, _ = load_regions(api, state.clock, DemoOptions("desks two steps", regions=[REGION]), state.policies)
    first, second = (next(one for one in regions if one.policy.scheme == scheme) for scheme in (INTEREST, FULL))
    rows, behaviour, organisations = first.rows[:1], Agreeing(SeededRandom("desks two steps")), Organisations(lambda _: APPLICANT)
    await organisations.register(api, rows, first.policy.currency)
    evaluators = Evaluators(replace(first, rows=[]))  # nobody is registered with a relation to the applicant
    await evaluators.register()
    in_force = datetime.combine(first.policy.effective_from, time(12), UTC)
    await first.sleep_until(in_force)  # the clock may begin some days before
    calls = [call_of(one.policy, one.now, f"desks-{one.policy.scheme}", rows) for one in (first, second)]
    calls[0] = calls[0].model_copy(update={"reserve_list_ends": calls[0].evaluation_due})  # nobody waits there
    calls[1] = calls[1].model_copy(
        update={
            "invites_from": (calls[0].id,), "closes_at": calls[1].opens_at + OPEN_FOR,
            "evaluation_due": calls[1].evaluation_due + OPEN_FOR, "reserve_list_ends": calls[1].reserve_list_ends + OPEN_FOR,
        }
    )  # fmt: skip
    interest, full = (
        CallRegion(REGION, one.policy, call, api, behaviour, one.clock, 1, rows, organisations=organisations)
        for one, call in zip((first, second), calls, strict=True)
    )
    evaluators.region = interest
    await publish_call(interest)
    await publish_call(full)
    await interest.sleep_until(interest.opens_at)
    draft = await Applicants(interest).draft(rows[0])
    interest.submitted[str(rows[0]["row_key"])] = draft
    case = str(rows[0]["organisation_id"])
    return TwoSteps(interest, full, draft, rows[0]["form"]["project"]["title"], organisations.id_of(case), evaluators)


async def listed(case: TwoSteps) -> None:
    """Screened and scored: the list waits for the officer who approves it."""
    call = case.interest
    officer, path = Officer(call, Applicants(call), case.evaluators), f"/api/evaluation/calls/{call.call_id}/ranking"

    async def ready() -> bool:
        await officer.screen()
        await case.evaluators.act()
        return bool((await call.api.get(call.actors.second_officer, path))["state"] == "ready")

    await until(f"the list of {call.call.id}", ready)


async def invited(case: TwoSteps) -> None:
    """The term for appeals is over."""
    call = case.full
    person = call.actors.applicant(str(call.rows[0]["organisation_id"]))

    async def there() -> bool:
        found = await call.api.get(person, "/api/applications/invitations")
        return any(one["call_id"] == call.call_id for one in found)

    await until("the invitation", there, DECIDED_SECONDS)
