"""Runs all actors of one region until all work is finished, or the time limit has passed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from operations.client import Problem
from simulation.demo.actors.appeals import Appeals
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.bank_lines import BankLines
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.catalogue import Catalogue
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.finance import Finance, confirm_budget
from simulation.demo.actors.line_claims import actors_of
from simulation.demo.actors.maintenance import VoucherMaintenance
from simulation.demo.actors.officer import Officer
from simulation.demo.actors.orders import Orders
from simulation.demo.actors.payees import Payees
from simulation.demo.actors.paying_in import Deposits
from simulation.demo.actors.provider_checks import ProviderChecks
from simulation.demo.actors.sessions import confirm_capacity
from simulation.demo.actors.undertaking import declare_links
from simulation.demo.progress_counts import ProgressCounts, read_progress_counts, unfinished_work
from simulation.demo.region import Region
from simulation.demo.snapshot import Snapshot, read_snapshot

TIME_LIMIT = timedelta(days=600)
"""Programme time after the opening of the call; longer than the sum of all terms of any policy."""

_TURN_SECONDS, _SCREEN_SECONDS, _APPROVE_SECONDS, _COUNT_SECONDS = 1.5, 2.0, 3.0, 5.0


@dataclass
class Scenario:
    """One region's run.

    `poll_rate`: how many times as often as usual actors and counters read the lists. `time_limit`: programme time after the opening of
    the call at which the run ends in any case. `unfinished` is empty at a good end. `failed_payments`: ids of payments that were ever
    returned, rejected or unanswered. `bank_lines`: why each line of the bank that waited for a person did so. `first_payment_seen`: real
    (monotonic) time at which a booked payment was first seen.
    """

    region: Region
    poll_rate: float = 1
    time_limit: timedelta = TIME_LIMIT
    snapshot: Snapshot = field(default_factory=Snapshot)
    counts: ProgressCounts = field(default_factory=ProgressCounts)
    failed_payments: dict[str, set[str]] = field(default_factory=lambda: {"returned": set(), "unknown": set(), "rejected": set()})
    bank_lines: dict[str, str] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=lambda: ["not started"])
    first_payment_seen: float | None = None
    selection_done: bool = False
    appeals: Appeals = field(init=False)
    ended: bool = False

    def __post_init__(self) -> None:
        self.appeals = Appeals(self.region)

    @property
    def failed_payment_count(self) -> int:
        return len(set().union(*self.failed_payments.values()))

    async def run(self) -> None:
        """Runs from a published call until all work is finished or `time_limit` has passed."""
        region = self.region
        await region.register_organisations()
        await declare_links(region)
        catalogue = Catalogue(region)
        applicants, evaluators, payees = Applicants(region), Evaluators(region), Payees(region, catalogue)
        officer = Officer(region, applicants, evaluators)
        if region.uses_ranking:
            await (evaluators.know() if region.scheme_call else evaluators.register())
        async with asyncio.TaskGroup() as tasks:
            submitting = [tasks.create_task(applicants.submit_all()), tasks.create_task(officer.import_list())]
            if region.gives:
                confirm = confirm_budget if region.policy.benefit is None else confirm_capacity
                tasks.create_task(self._repeat(lambda: confirm(region), _TURN_SECONDS))
            tasks.create_task(self._select(officer, submitting))
            if region.uses_ranking:
                tasks.create_task(self._repeat(lambda: self._evaluate(evaluators), _TURN_SECONDS))
            if not region.scheme_call or region.buys_from_catalogue:
                tasks.create_task(self._repeat(catalogue.fill, _TURN_SECONDS))
            tasks.create_task(self._handle_vouchers(payees, catalogue))
            tasks.create_task(self._watch(submitting))

    async def _select(self, officer: Officer, submitting: list[asyncio.Task[None]]) -> None:
        """Screens until no application can follow, then approves the list."""

        async def screen() -> bool:
            all_submitted = all(task.done() for task in submitting)
            return await officer.screen() or not all_submitted

        await self._repeat(screen, _SCREEN_SECONDS)
        if self.region.policy.selection.approval == "officer":
            await self._repeat(officer.approve, _APPROVE_SECONDS)
        if self.region.uses_ranking:
            await self._repeat(self.appeals.act, _TURN_SECONDS)
        self.selection_done = True

    async def _evaluate(self, evaluators: Evaluators) -> bool:
        await evaluators.act()
        return not self.selection_done

    async def _handle_vouchers(self, payees: Payees, catalogue: Catalogue) -> None:
        region = self.region
        buying = (Orders(region, catalogue), ProviderChecks(region, catalogue)) if region.buys_from_catalogue else ()
        handling = actors_of(region, Beneficiaries(region, payees), VoucherMaintenance(region))
        actors = (*handling, Finance(region, payees), *buying, Deposits(region), BankLines(region))

        async def turn() -> bool:
            await self._read_snapshot()
            await asyncio.gather(*(actor.act(self.snapshot) for actor in actors))
            return True

        await self._repeat(turn, _TURN_SECONDS)

    async def _read_snapshot(self) -> None:
        self.snapshot = await read_snapshot(self.region)
        self.bank_lines |= {str(line["line_id"]): str(line["reason"]) for line in self.snapshot.lines}
        for disbursement in self.snapshot.disbursements:
            if disbursement["state"] in self.failed_payments:
                self.failed_payments[disbursement["state"]].add(disbursement["disbursement_id"])
            if disbursement["state"] == "paid" and self.first_payment_seen is None:
                self.first_payment_seen = time.monotonic()

    async def _watch(self, submitting: list[asyncio.Task[None]]) -> None:
        """Ends the run when two counts in a row find no unfinished work: an event may be on its way between two services."""
        finished_counts, ends_at = 0, self.region.opens_at + self.time_limit
        while finished_counts < 2 and self.region.now < ends_at:  # the time limit also holds if no API answers any more
            with suppress(Problem):
                self.counts = await read_progress_counts(self.region)
                selecting = [] if self.selection_done else ["the selection is not made"]
                self.unfinished = unfinished_work(self.counts, self.snapshot) + selecting
                finished = not self.unfinished and all(task.done() for task in submitting)
                finished_counts = finished_counts + 1 if finished else 0
            await asyncio.sleep(_COUNT_SECONDS / self.poll_rate)
        self.ended = True

    async def _repeat(self, turn: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Repeats `turn` while it returns True. A turn that fails with a `Problem`, which the client has counted, is repeated too."""
        more = True
        while more and not self.ended:
            with suppress(Problem):
                more = await turn()
            await asyncio.sleep(seconds / self.poll_rate)
