"""Finance officers: one prepares, one approves, a third also approves large payments, a fourth seals, a fifth releases."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime

from operations.client import Person, Problem
from shared.kernel.vocabulary import ClaimState, RecoveryState
from simulation.demo.actors.payees import Payees
from simulation.demo.actors.paying_in import pay_back
from simulation.demo.behaviour import PlannedOutcome
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import Snapshot

_PATH, _BATCHES, _ENVELOPES = "/api/payments/disbursements", "/api/payments/batches", "/api/payments/envelopes"
_STEPS_PER_TURN = 40
_AT_THE_BANK = ("sealed", "sent", "accepted", "unknown", "paid")
"""The bank's next file may resolve the contradiction by itself, or there is nothing to pay any more."""


async def confirm_budget(region: Region) -> bool:
    """A person of finance confirms the envelope of the call, where the policy asks for that. Returns False when that is done."""
    budget, confirmer = region.policy.budget, region.actors.budget_confirmer
    if budget is None or region.call.envelope_minor <= budget.ceiling_minor:
        return False
    opened = [one for one in await region.list_all(confirmer, _ENVELOPES) if one["call_id"] == region.call_id]
    if any(one["awaits_confirmation"] for one in opened):
        await region.api.post(confirmer, f"{_ENVELOPES}/{region.call_id}/confirmation")
    return not opened


class Finance:
    """`payees` registers and corrects the payees' accounts."""

    def __init__(self, region: Region, payees: Payees) -> None:
        self.region, self.api, self.payees = region, region.api, payees
        self._sealed_at: datetime | None = None

    async def act(self, snapshot: Snapshot) -> None:
        steps = list(self._steps(snapshot))
        for postponed in steps[_STEPS_PER_TURN:]:
            postponed.close()
        await asyncio.gather(*(attempt(step) for step in steps[:_STEPS_PER_TURN]))
        if any(item["state"] == "sealed" for item in snapshot.disbursements):
            for batch in await self.region.list_all(self.region.actors.releaser, _BATCHES, state="sealed"):
                await attempt(self.api.post(self.region.actors.releaser, f"{_BATCHES}/{batch['batch_id']}/release"))
        ready = any(item["state"] == "approved" and not snapshot.is_suspended(item) for item in snapshot.disbursements)
        may_seal = self._sealed_at is None or self.region.now >= self._sealed_at + self.region.behaviour.profile.seal_every
        if ready and may_seal:
            self._sealed_at = self.region.now
            await attempt(self.api.post(self.region.actors.sealer, _BATCHES, {"region": self.region.id}))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        actors = self.region.actors
        for claim in snapshot.claims:
            if claim["state"] == ClaimState.ACCEPTED and not claim["disbursement_id"] and not snapshot.is_suspended(claim):
                yield self.api.post(actors.preparer, _PATH, {"claim_id": claim["claim_id"]})
        for disbursement in snapshot.disbursements:
            step = None if snapshot.is_suspended(disbursement) else self._step(snapshot, disbursement)
            if step:
                yield step
        due_before = self.region.now - self.region.behaviour.profile.recovered_after
        for recovery in snapshot.recoveries:
            if recovery["state"] == RecoveryState.ORDERED and datetime.fromisoformat(recovery["ordered_at"]) < due_before:
                yield self._recover(snapshot, recovery)

    def _step(self, snapshot: Snapshot, item: Json) -> Step | None:
        path = f"{_PATH}/{item['disbursement_id']}"
        if item["waits_for"]:
            return None if snapshot.is_left_alone(item["open_line_id"]) else self._clear(item, path)
        match item["state"]:
            case "prepared":
                return self._approve(item, path)
            case "unknown" if item["enquired_at"] is None:
                return self.api.post(self.region.actors.preparer, f"{path}/enquiry")
            case "rejected" | "returned":
                return self._retry(snapshot, item, path)
        return None

    def _clear(self, item: Json, path: str) -> Step | None:
        """Resolves a contradicting line of the bank, or confirms a rejection whose statement is long overdue."""
        if item["open_line_id"]:
            return None if item["state"] in _AT_THE_BANK else self._resolve(item)
        overdue = self.region.now.date() > date.fromisoformat(item["statement_day"]) + self.region.behaviour.profile.confirmed_after
        if not overdue:
            return None
        return self.api.post(self.region.actors.approver, f"{path}/rejection-confirmation", {"reason": "bank-asked"})

    async def _resolve(self, item: Json) -> None:
        path = f"/api/payments/bank-lines/{item['open_line_id']}/resolution"
        await self.api.post(self.region.actors.approver, path, {"resolution": "no-effect"})

    async def _approve(self, item: Json, path: str) -> None:
        """Reads and approves by either of two officers: a changed account voids approvals, so the first may have approved already."""
        one, other = self.region.actors.approver, self.region.actors.second_approver
        first, second = (one, other) if item["approvals"] == 0 else (other, one)
        try:
            await self._read_and_approve(first, path)
        except Problem as problem:
            if problem.code != "approved-already":
                raise
            await self._read_and_approve(second, path)

    async def _read_and_approve(self, person: Person, path: str) -> None:
        read = await self.api.get(person, path)
        await self.api.post(person, f"{path}/approval", {"payment_hash": read["payment_hash"]})

    async def _retry(self, snapshot: Snapshot, item: Json, path: str) -> None:
        """Pays again to another account of the same payee, or cancels, so that the amount is decommitted."""
        case = snapshot.organisation_of(item)
        if snapshot.is_ended_early(item) or self.region.behaviour.gives_up(case, item["attempt"]):
            await self.api.post(self.region.actors.preparer, f"{path}/cancellation", {"reason": "payee-not-reachable"})
            return
        payee = await self.payees.corrected(case, item, snapshot.provider_of(item))
        await self.api.post(self.region.actors.preparer, f"{path}/next-attempt", {"payee_id": payee})

    async def _recover(self, snapshot: Snapshot, recovery: Json) -> None:
        path = f"/api/payments/recoveries/{recovery['recovery_id']}"
        outcome = self.region.behaviour.voucher_plan(snapshot.organisation_of(recovery)).outcome
        if outcome is PlannedOutcome.REVOKED_WRITTEN_OFF:
            await self.api.post(self.region.actors.approver, f"{path}/write-off", {"reason": "insolvent"})
        else:
            if pay_back(self.region, recovery):
                return
            credit = {"bank_reference": recovery["reference"]}  # no simulated bank is within reach, so a person names it
            await self.api.post(self.region.actors.approver, f"{path}/settlement", credit)
