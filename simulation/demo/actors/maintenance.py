"""The officer who looks after issued vouchers: checks claims, extends, suspends, resumes and revokes vouchers."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from shared.kernel.vocabulary import ClaimState
from simulation.demo.behaviour import PlannedOutcome
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import Snapshot

_USABLE = ("issued", "claiming")


class VoucherMaintenance:
    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api

    async def act(self, snapshot: Snapshot) -> None:
        await asyncio.gather(*(attempt(step) for step in self._steps(snapshot)))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        ordered = snapshot.ordered
        paid = {item["voucher_id"] for item in snapshot.disbursements if item["state"] == "paid"}
        for claim in snapshot.claims:
            draft = claim.get("draft_id")
            if claim["state"] == ClaimState.LODGED and not snapshot.is_suspended(claim) and (not draft or draft in ordered):
                yield from self._check(snapshot, claim)
        for voucher in snapshot.vouchers.values():
            if voucher["state"] in _USABLE or (voucher["state"] == "settling" and voucher["suspended"]):
                yield from self._maintain(voucher, voucher["id"] in paid)

    def _check(self, snapshot: Snapshot, claim: Json) -> Iterator[Step]:
        reference, path = claim["evidence"][0]["reference"], f"/api/payments/claims/{claim['claim_id']}"
        after = self.region.behaviour.checked_after(reference)
        if self.region.now < datetime.fromisoformat(claim["lodged_at"]) + after:
            return
        again = claim.get("draft_id") and sum(one.get("draft_id") == claim["draft_id"] for one in snapshot.claims) > 1
        percent = 100 if again else self.region.behaviour.claim_decision(reference).granted_percent
        if percent == 0:
            yield self.api.post(self.region.actors.screener, f"{path}/rejection", {"rules": ["invoice-not-legible"], "note": ""})
        elif claim.get("draft_id"):
            yield self._check_line(claim, path, percent)
        else:
            granted = {"granted_minor": claim["requested_minor"] * percent // 100, "confirmed_lines": claim.get("similar_lines") or []}
            yield self.api.post(self.region.actors.screener, f"{path}/acceptance", granted)

    async def _check_line(self, claim: Json, path: str, percent: int) -> None:
        """Of a claim that follows from an order: its one line is accepted or cut, and so the claim."""
        screener, cut_minor = self.region.actors.screener, claim["eligible_minor"] * (100 - percent) // 100
        check = {"cut_minor": cut_minor, "reason": "Not a part of what was ordered." if cut_minor else None}
        await self.api.put(screener, f"{path}/lines/1/check", check)
        await self.api.post(screener, f"{path}/acceptance", {"confirmed_lines": claim.get("similar_lines") or []})

    def _maintain(self, voucher: Json, paid: bool) -> Iterator[Step]:
        profile = self.region.behaviour.profile
        outcome = self.region.behaviour.voucher_plan(voucher["organisation_id"]).outcome
        since = self.region.now - datetime.fromisoformat(voucher["issued_at"])
        if (
            outcome is PlannedOutcome.EXTENDED
            and voucher["extensions"] == 0
            and since > profile.extended_after
            and voucher["state"] == "issued"
        ):
            valid_until = datetime.fromisoformat(voucher["valid_until"]) + profile.extended_by
            yield self._post(voucher, "extension", {"valid_until": valid_until.isoformat(), "reason": "delivery-delayed"})
        elif outcome is PlannedOutcome.SUSPENDED and not voucher["suspended"] and profile.suspended_after < since < profile.resumed_after:
            yield self._post(voucher, "suspension", {"reason": "under-inquiry"})
        elif voucher["suspended"] and since > profile.resumed_after:
            yield self._post(voucher, "resumption", {"reason": "inquiry-ended"})
        elif outcome.revoked and paid:
            yield self._post(voucher, "revocation", {"reason": "irregularity-found"})

    def _post(self, voucher: Json, action: str, body: dict[str, str]) -> Step:
        return self.api.post(self.region.actors.second_officer, f"/api/vouchers/vouchers/{voucher['id']}/{action}", body)
