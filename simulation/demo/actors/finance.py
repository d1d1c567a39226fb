"""Finance officers: one prepares and seals, one approves, one more approves large sums. Nothing is ever sent twice."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from operations.client import Problem
from simulation.demo.actors.payees import Payees
from simulation.demo.behaviour import Fate
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.view import View

_PATH = "/api/payments/disbursements"
_AT_A_TURN = 40


class Finance:
    """`payees` knows the accounts that money goes to."""

    def __init__(self, region: Region, payees: Payees) -> None:
        self.region, self.api, self.payees = region, region.api, payees
        self._sealed_at: datetime | None = None

    async def turn(self, view: View) -> None:
        steps = list(self._steps(view))
        for later in steps[_AT_A_TURN:]:
            later.close()
        await asyncio.gather(*(attempt(step) for step in steps[:_AT_A_TURN]))
        ready = any(item["state"] == "approved" and not view.is_suspended(item) for item in view.disbursements)
        rested = self._sealed_at is None or self.region.now >= self._sealed_at + self.region.behaviour.habits.seal_every
        if ready and rested:
            self._sealed_at = self.region.now
            await attempt(self.api.post(self.region.cast.preparer, "/api/payments/batches", {"region": self.region.id}))

    def _steps(self, view: View) -> Iterator[Step]:
        cast = self.region.cast
        for claim in view.claims:
            if claim["state"] == "accepted" and not claim["disbursement_id"] and not view.is_suspended(claim):
                yield self.api.post(cast.preparer, _PATH, {"claim_id": claim["claim_id"]})
        for disbursement in view.disbursements:
            step = None if view.is_suspended(disbursement) else self._step(view, disbursement)
            if step:
                yield step
        due_before = self.region.now - self.region.behaviour.habits.recovered_after
        for recovery in view.recoveries:
            if recovery["state"] == "ordered" and datetime.fromisoformat(recovery["ordered_at"]) < due_before:
                yield self._recover(view, recovery)

    def _step(self, view: View, item: Json) -> Step | None:
        path = f"{_PATH}/{item['disbursement_id']}"
        match item["state"]:
            case "prepared":
                return self._approve(item, f"{path}/approval")
            case "unknown" if item["enquired_at"] is None:
                return self.api.post(self.region.cast.preparer, f"{path}/enquiry")
            case "rejected" | "returned":
                return self._try_again(view, item, path)
        return None

    async def _approve(self, item: Json, path: str) -> None:
        """The one or the other: a change of account voids approvals, so the first to approve again may be either of the two."""
        one, other = self.region.cast.approver, self.region.cast.second_approver
        first, then = (one, other) if item["approvals"] == 0 else (other, one)
        try:
            await self.api.post(first, path)
        except Problem as problem:
            if problem.code != "approved-already":
                raise
            await self.api.post(then, path)

    async def _try_again(self, view: View, item: Json, path: str) -> None:
        """With another account of the same payee; or not at all, and then the amount is decommitted."""
        case = view.organisation_of(item)
        if view.is_taken_away(item) or self.region.behaviour.gives_up(case, item["attempt"]):
            await self.api.post(self.region.cast.preparer, f"{path}/cancellation", {"reason": "payee-not-reachable"})
            return
        payee = await self.payees.corrected(case, item)
        await self.api.post(self.region.cast.preparer, f"{path}/next-attempt", {"payee_id": payee})

    async def _recover(self, view: View, recovery: Json) -> None:
        path = f"/api/payments/recoveries/{recovery['recovery_id']}"
        fate = self.region.behaviour.plan_of(view.organisation_of(recovery)).fate
        if fate is Fate.REVOKED_WRITTEN_OFF:
            await self.api.post(self.region.cast.approver, f"{path}/write-off", {"reason": "insolvent"})
        else:
            await self.api.post(self.region.cast.preparer, f"{path}/settlement")
