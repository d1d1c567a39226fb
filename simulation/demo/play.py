"""Runs all actors of all regions until everything is settled, or the programme has run too long."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from operations.client import Problem
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.caretaker import Caretaker
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.finance import Finance
from simulation.demo.actors.officer import Officer
from simulation.demo.actors.payees import Payees
from simulation.demo.count import Files, read_files, still_open
from simulation.demo.region import Region
from simulation.demo.view import View, look

LONGEST = timedelta(days=600)
"""Programme time after the opening of the call; all terms of any policy added up are shorter."""

_DESK_SECONDS, _SCREEN_SECONDS, _APPROVE_SECONDS, _COUNT_SECONDS = 1.5, 2.0, 3.0, 5.0


@dataclass
class Play:
    """One region being played. `open` says what is not settled: nothing at the end. `seen` are the payments that ever came back
    or went unanswered, `first_payment_seen` the real (monotonic) time when one was first seen as booked. `hurry`: how many times as
    often as usual everybody looks; `longest`: programme time after the opening of the call when the play is broken off."""

    region: Region
    hurry: int = 1
    longest: timedelta = LONGEST
    view: View = field(default_factory=View)
    files: Files = field(default_factory=Files)
    seen: dict[str, set[str]] = field(default_factory=lambda: {"returned": set(), "unknown": set(), "rejected": set()})
    open: list[str] = field(default_factory=lambda: ["not begun"])
    first_payment_seen: float | None = None
    chosen: bool = False
    ended: bool = False

    async def run(self) -> None:
        """The call is published. Returns when everything is settled or `longest` has passed."""
        region = self.region
        applicants, evaluators, payees = Applicants(region), Evaluators(region), Payees(region)
        officer = Officer(region, applicants, evaluators)
        if region.ranks:
            await evaluators.register()
        async with asyncio.TaskGroup() as tasks:
            handing_in = [tasks.create_task(applicants.hand_in()), tasks.create_task(officer.take_in())]
            tasks.create_task(self._choose(officer, handing_in))
            if region.ranks:
                tasks.create_task(self._repeat(lambda: self._evaluate(evaluators), _DESK_SECONDS))
            tasks.create_task(self._desks(payees))
            tasks.create_task(self._watch(handing_in))

    async def _choose(self, officer: Officer, handing_in: list[asyncio.Task[None]]) -> None:
        """Screening until nothing more can come in, then the approval of the list."""

        async def screen() -> bool:
            all_in = all(task.done() for task in handing_in)
            return await officer.screen() or not all_in

        await self._repeat(screen, _SCREEN_SECONDS)
        if self.region.policy.selection.approval == "officer":
            await self._repeat(officer.approve, _APPROVE_SECONDS)
        self.chosen = True

    async def _evaluate(self, evaluators: Evaluators) -> bool:
        await evaluators.turn()
        return not self.chosen

    async def _desks(self, payees: Payees) -> None:
        region = self.region
        desks = (Beneficiaries(region, payees), Caretaker(region), Finance(region, payees))

        async def turn() -> bool:
            await self._look()
            await asyncio.gather(*(desk.turn(self.view) for desk in desks))
            return True

        await self._repeat(turn, _DESK_SECONDS)

    async def _look(self) -> None:
        self.view = await look(self.region)
        for disbursement in self.view.disbursements:
            if disbursement["state"] in self.seen:
                self.seen[disbursement["state"]].add(disbursement["disbursement_id"])
            if disbursement["state"] == "paid" and self.first_payment_seen is None:
                self.first_payment_seen = time.monotonic()

    async def _watch(self, handing_in: list[asyncio.Task[None]]) -> None:
        """Ends the play: twice in a row nothing is open, so that nothing is on its way between two services."""
        calm, longest = 0, self.region.opens_at + self.longest
        while calm < 2 and self.region.now < longest:  # also when nobody answers any more
            with suppress(Problem):
                self.files = await read_files(self.region)
                self.open = still_open(self.files, self.view) + ([] if self.chosen else ["the choice is not made"])
                calm = calm + 1 if not self.open and all(task.done() for task in handing_in) else 0
            await asyncio.sleep(_COUNT_SECONDS / self.hurry)
        self.ended = True

    async def _repeat(self, turn: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """While it says that there is more to do. A turn that is refused as a whole, which the client counts, is taken again."""
        more = True
        while more and not self.ended:
            with suppress(Problem):
                more = await turn()
            await asyncio.sleep(seconds / self.hurry)
