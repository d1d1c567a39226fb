"""Brings cases to a stage of the programme, by the demonstration's actors and the public APIs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import State
from operations.cli.actors import api_of
from operations.client import Problem
from shared.kernel.vocabulary import ApplicationState, SelectionMethod
from shared.policy.schema import Policy
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.finance import Finance, confirm_budget
from simulation.demo.actors.maintenance import VoucherMaintenance
from simulation.demo.actors.officer import Officer, publish_call
from simulation.demo.actors.payees import Payees
from simulation.demo.load import DemoOptions, load_regions
from simulation.demo.region import Json, Region
from simulation.demo.seeded_random import SeededRandom
from simulation.demo.snapshot import Snapshot, read_snapshot
from tests.desks.programme import Agreeing, CallRegion, call_of, organisations_of

T = TypeVar("T")
FIRST_COME, RANKING = "hr-koprivnica", "dk-kolding"
"""The fastest ways: without an evaluation, and with one."""
ROWS = {"submitted": 1, "screened": 1, "evaluated": 2, "ranked": 2, "awarded": 4}
"""Applications of each call: what one test does with a case is not seen in the others. The last call has one for each stage after it."""
AFTER_THE_AWARD = ("offered", "issued", "claim_lodged", "paid")
WAIT_SECONDS, TURN_SECONDS = 75, 0.4


@dataclass(frozen=True)
class Case:
    """Where one application is, by ids; empty until there is one. `applicant`: user name of who acts for the organisation. `assignments`:
    assignment → user name of the evaluator. `applications`: all of the call, `application` among them."""

    region: str
    call: str
    application: str
    applicant: str
    organisation: str
    applications: tuple[str, ...]
    assignments: dict[str, str] = field(default_factory=dict)
    voucher: str = ""
    claim: str = ""
    disbursement: str = ""


@dataclass(frozen=True)
class OpenedRegion:
    """`calls`: by the names of `ROWS`. `evaluators`: registered, of a region that ranks."""

    calls: dict[str, CallRegion]
    evaluators: Evaluators
    screened: set[str] = field(default_factory=set)


class Desks:
    """Each function returns a case at this stage, which its actors leave there: in the region's call of that stage for every test the same,
    with `number` another one, of calls of its own. A region's calls are published when it is first asked for; `open` does so for several at
    once. `AssertionError` when a case is not there in time."""

    def __init__(self, data: DataDirectory, state: State) -> None:
        self._data, self._state = data, state
        self._thread, self._runner = ThreadPoolExecutor(1), asyncio.Runner()  # Playwright has the loop of the test's thread
        self._opened: dict[tuple[str, int], OpenedRegion] = {}
        self._cases: dict[tuple[str, str, int], Case] = {}
        self._api = self._run(self._client())

    async def _client(self) -> Any:
        return api_of(self._data, self._state)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()

    def close(self) -> None:
        self._run(self._api.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def open(self, *regions: str, number: int = 1) -> None:
        """Publishes the calls of the regions, and submits their applications."""

        async def all_of_them() -> None:
            await asyncio.gather(*(self._region(region, number) for region in regions))

        self._run(all_of_them())

    def submitted(self, region: str = RANKING, number: int = 1) -> Case:
        """Waits for the officer who screens."""
        return self._case("submitted", region, number)

    def screened(self, region: str = RANKING, number: int = 1) -> Case:
        """Found eligible. In a region that ranks, it waits for the declarations of its evaluators."""
        return self._case("screened", region, number)

    def evaluated(self, region: str = RANKING, number: int = 1) -> Case:
        """All scored; the list waits for the officer who approves it. Only in a region that ranks."""
        return self._case("evaluated", region, number)

    def ranked(self, region: str = RANKING, number: int = 1) -> Case:
        """The list is approved, and appeals can be made. Not in a region of first come."""
        return self._case("ranked", region, number)

    def offered(self, region: str = FIRST_COME, number: int = 1) -> Case:
        return self._case("offered", region, number)

    def issued(self, region: str = FIRST_COME, number: int = 1) -> Case:
        return self._case("issued", region, number)

    def claim_lodged(self, region: str = FIRST_COME, number: int = 1) -> Case:
        """Waits for the officer who checks it."""
        return self._case("claim_lodged", region, number)

    def paid(self, region: str = FIRST_COME, number: int = 1) -> Case:
        """Paid in full, with the bank's statement."""
        return self._case("paid", region, number)

    def play(self, work: Callable[[Any, State], Coroutine[Any, Any, T]]) -> T:
        """Other actors: `work` gets the client of the APIs, and what the platform is."""
        return self._run(work(self._api, self._state))

    def account_of(self, case: Case) -> str:
        """The payee of the case, whose account is registered, and confirmed where it has to be."""
        call = self._opened[case.region, 1].calls["awarded"]
        return self._run(Payees(call).of(call.organisations.case_of(case.organisation)))

    def policy_of(self, region: str) -> Policy:
        return self._opened[region, 1].calls["awarded"].policy

    def today_in(self, region: str) -> str:
        """The day of the programme, as a date field takes it."""
        return self._opened[region, 1].calls["awarded"].now.date().isoformat()

    def _case(self, stage: str, region: str, number: int) -> Case:
        key = (stage, region, number)
        if key not in self._cases:
            self._cases[key] = self._run(self._reach(stage, region, number))
        return self._cases[key]

    async def _reach(self, stage: str, region: str, number: int) -> Case:
        opened = await self._region(region, number)
        at = AFTER_THE_AWARD.index(stage) if stage in AFTER_THE_AWARD else 0
        call = opened.calls["awarded" if stage in AFTER_THE_AWARD else stage]
        case = _submitted_case(call, at)
        if stage == "submitted":
            return case
        await self._screen(opened, call)
        if call.policy.selection.method == SelectionMethod.RANKING:
            case = replace(case, assignments=await self._assignments(opened, call, case))
        if stage == "screened":
            return case
        if call.policy.selection.method != SelectionMethod.FIRST_COME:
            await self._select(opened, call, approve=stage != "evaluated")
        return await self._after_the_award(call, case, stage) if stage in AFTER_THE_AWARD else case

    async def _region(self, region: str, number: int) -> OpenedRegion:
        """The calls of the region, with all their applications submitted."""
        if (region, number) not in self._opened:
            options = DemoOptions(f"desks {number}", regions=[region])
            (loaded, *_), _ = load_regions(self._api, self._state.clock, options, self._state.policies)
            loaded.behaviour = Agreeing(SeededRandom(options.seed))
            self._opened[region, number] = await _opened(loaded, number)
        return self._opened[region, number]

    async def _screen(self, opened: OpenedRegion, call: CallRegion) -> None:
        if call.call_id in opened.screened:
            return
        officer = _officer(call)

        async def screened() -> bool:
            await officer.screen()
            path = "/api/applications/applications"
            return len(await call.list_all(call.actors.officer, path, call_id=call.call_id, state=ApplicationState.ELIGIBLE)) == len(
                call.rows
            )

        await until(f"the screening of {call.call.id}", screened)
        opened.screened.add(call.call_id)

    async def _assignments(self, opened: OpenedRegion, call: CallRegion, case: Case) -> dict[str, str]:
        async def assigned() -> dict[str, str]:
            found = await call.list_all(call.actors.officer, "/api/evaluation/assignments")
            of_case = {item["id"]: item["evaluator_id"] for item in found if item["application_id"] == case.application}
            return {name: opened.evaluators.people[person].subject for name, person in of_case.items()}

        return await until(f"the evaluators of {call.call.id}, once it is closed", assigned)

    async def _select(self, opened: OpenedRegion, call: CallRegion, *, approve: bool) -> None:
        evaluators, officer = Evaluators(call), _officer(call)
        evaluators.people = opened.evaluators.people
        path, state = f"/api/evaluation/calls/{call.call_id}/ranking", "waiting"

        async def ready() -> bool:
            nonlocal state
            if call.uses_ranking:
                await evaluators.act()
            state = (await call.api.get(call.actors.second_officer, path))["state"]
            return state != "waiting"

        async def approved() -> bool:
            return not await officer.approve()

        await until(f"the list of {call.call.id}", ready)
        if approve and state == "ready":
            await until(f"the approval of the list of {call.call.id}", approved)

    async def _after_the_award(self, call: CallRegion, case: Case, stage: str) -> Case:
        alone = replace(call, submitted={case.application: case.application})
        payees = Payees(alone)
        actors = (Beneficiaries(alone, payees), VoucherMaintenance(alone), Finance(alone, payees))
        acting = {"offered": (), "issued": actors[:1], "claim_lodged": actors[:1], "paid": actors}[stage]

        async def there() -> Case | None:
            snapshot = await read_snapshot(alone)
            if (found := _reached(snapshot, case, stage)) is None:
                await asyncio.gather(*(actor.act(snapshot) for actor in acting))
            return found

        return await until(f"a case of {call.call.id} that is {stage}", there)


async def _opened(region: Region, number: int) -> OpenedRegion:
    """Publishes a call for each stage and submits its applications while it is open."""
    share = sum(ROWS.values())
    rows = _distinct(region.rows)[(number - 1) * share : number * share]
    region.rows, region.organisations = [], organisations_of(region.id, rows)
    await region.organisations.register(region.api, rows, region.policy.currency)
    evaluators, calls = Evaluators(region), dict[str, CallRegion]()  # without rows, so that nobody has relations to an applicant
    if region.uses_ranking:
        await evaluators.register()
    now = region.now
    for name, count in ROWS.items():
        of_call, rows = rows[:count], rows[count:]
        call = call_of(region.policy, now, f"desks-{name.replace('_', '-')}-{number}", of_call)
        calls[name] = CallRegion(
            region.id, region.policy, call, region.api, region.behaviour, region.clock, len(of_call), of_call,
            file_questions=region.file_questions, organisations=region.organisations,
        )  # fmt: skip
    await asyncio.gather(*(publish_call(call) for call in calls.values()))
    await asyncio.gather(*(submit_in_time(call) for call in calls.values()))
    await asyncio.gather(*(_confirm_budget(call) for call in calls.values()))
    return OpenedRegion(calls, evaluators)


async def _confirm_budget(call: CallRegion) -> None:
    async def confirmed() -> bool:
        return not await confirm_budget(call)

    await until(f"the budget of {call.call.id}", confirmed)


def _distinct(rows: Sequence[Json]) -> list[Json]:
    """One row of each organisation."""
    return list({row["organisation_id"]: row for row in reversed(rows)}.values())[::-1]


async def submit_in_time(call: CallRegion) -> None:
    """Submits all applications; a call that would close before is extended, as on a busy machine."""
    applicants = Applicants(call)
    await call.sleep_until(call.opens_at)

    async def submit(row: Json) -> None:
        application = await applicants.draft(row)
        await applicants.submit(row["organisation_id"], application)
        call.submitted[row["row_key"]] = application

    async def extend() -> None:
        while True:
            await call.sleep_until(call.closes_at - timedelta(hours=6))
            extension = {"closes_at": (call.closes_at + timedelta(days=1)).isoformat(), "reason": "list-not-complete"}
            await call.api.post(call.actors.officer, f"/api/applications/calls/{call.call_id}/extension", extension)
            call.extended_to = call.closes_at + timedelta(days=1)

    extending = asyncio.create_task(extend())
    try:
        await asyncio.gather(*(submit(row) for row in call.rows))
    finally:
        extending.cancel()
        with suppress(asyncio.CancelledError):
            await extending


def _officer(call: CallRegion) -> Officer:
    return Officer(call, Applicants(call), Evaluators(call))


def _submitted_case(call: CallRegion, at: int) -> Case:
    row = call.rows[at]
    applications = tuple(call.submitted[each["row_key"]] for each in call.rows)
    name, organisation = row["organisation_id"], call.organisations.id_of(row["organisation_id"])
    return Case(call.id, call.call_id, applications[at], call.actors.applicant(name).subject, organisation, applications)


def _reached(snapshot: Snapshot, case: Case, stage: str) -> Case | None:
    """The case with the ids of what it has, None while it is not at the stage."""
    voucher = next(iter(snapshot.vouchers.values()), None)
    claim, disbursement = next(iter(snapshot.claims), None), next(iter(snapshot.disbursements), None)
    there = {
        "offered": voucher is not None and voucher["state"] == "offered",
        "issued": voucher is not None and voucher["state"] == "issued",
        "claim_lodged": claim is not None,
        "paid": disbursement is not None and disbursement["state"] == "paid",
    }[stage]
    ids = {
        "voucher": voucher["id"] if voucher else "",
        "claim": claim["claim_id"] if claim else "",
        "disbursement": disbursement["disbursement_id"] if disbursement else "",
    }
    return replace(case, **ids) if there else None


async def until(what: str, turn: Callable[[], Awaitable[T | None]], seconds: float = WAIT_SECONDS) -> T:
    """Repeats `turn` until it returns something. A refusal counts as nothing: an event may be on its way between two services."""
    deadline, refused = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            if found := await turn():
                return found
        except Problem as problem:
            refused = f" (the last refusal: {problem})"
        await asyncio.sleep(TURN_SECONDS)
    raise AssertionError(f"waited {seconds:.0f} s for {what}{refused}")
