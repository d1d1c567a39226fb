"""A voucher of hours with a mentor, in use, and the organisation whose people lead its sessions."""

from dataclasses import dataclass
from typing import Any

from deploy.embedded.state import State
from operations.client import Api, Person
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.catalogue import Catalogue
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.officer import Officer, publish_call
from simulation.demo.actors.payees import Payees
from simulation.demo.actors.sessions import Participants, confirm_capacity
from simulation.demo.load import DemoOptions, load_regions
from simulation.demo.seeded_random import SeededRandom
from simulation.demo.snapshot import read_snapshot
from simulation.provider.people import NUMBERS, user_name
from tests.desks.programme import HOURS, Agreeing, CallRegion, call_of, organisations_of
from tests.desks.stages import submit_in_time, until

REGION, SCHEME = HOURS
MENTOR = NUMBERS["applicant"]
"""The last applicant acts for the mentors."""


@dataclass(frozen=True)
class HoursCase:
    """`beneficiary`, `mentor`: user names. `voucher`: as the API shows it, with its code. `host`: the organisation of the mentor."""

    call: CallRegion
    beneficiary: str
    mentor: str
    host: str
    voucher: dict[str, Any]


class Mentors(Catalogue):
    """A provider of the region, whose person can sign in at a browser."""

    def person(self, number: int) -> Person:
        return Person(user_name("applicant", number, REGION))


async def voucher_of_hours(api: Api, state: State) -> HoursCase:
    """From the call to the issued voucher."""
    regions, _ = load_regions(api, state.clock, DemoOptions("desks hours", regions=[REGION]), state.policies)
    loaded = next(one for one in regions if one.policy.scheme == SCHEME)
    rows, behaviour = loaded.rows[:1], Agreeing(SeededRandom("desks hours"))
    call = CallRegion(
        REGION, loaded.policy, call_of(loaded.policy, loaded.now, "desks-hours", rows), api, behaviour, loaded.clock, 1, rows,
        organisations=organisations_of(REGION, rows),
    )  # fmt: skip
    await call.register_organisations()
    mentors = Mentors(call)
    await mentors.register(MENTOR)
    await publish_call(call)
    await submit_in_time(call)
    officer, participants = Officer(call, Applicants(call), Evaluators(call)), Participants(call, Payees(call))

    async def issued() -> dict[str, Any] | None:
        await confirm_capacity(call)
        await officer.screen()
        snapshot = await read_snapshot(call)
        await participants.act(snapshot)
        return next((dict(voucher) for voucher in snapshot.vouchers.values() if voucher["state"] == "issued"), None)

    voucher = await until("the voucher of hours", issued)
    beneficiary = call.actors.applicant(str(rows[0]["organisation_id"]))
    return HoursCase(call, beneficiary.subject, user_name("applicant", MENTOR, REGION), next(iter(mentors.providers)), voucher)
