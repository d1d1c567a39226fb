"""The officer's desk for running vouchers: claims are checked, vouchers extended, suspended, resumed, revoked."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from simulation.demo.behaviour import Fate
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.view import View

_USABLE = ("issued", "claiming")


class Caretaker:
    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api

    async def turn(self, view: View) -> None:
        await asyncio.gather(*(attempt(step) for step in self._steps(view)))

    def _steps(self, view: View) -> Iterator[Step]:
        paid = {item["voucher_id"] for item in view.disbursements if item["state"] == "paid"}
        for claim in view.claims:
            if claim["state"] == "lodged" and not view.is_suspended(claim):
                yield from self._check(view, claim)
        for voucher in view.vouchers.values():
            if voucher["state"] in _USABLE or (voucher["state"] == "settling" and voucher["suspended"]):
                yield from self._care(voucher, voucher["id"] in paid)

    def _check(self, view: View, claim: Json) -> Iterator[Step]:
        reference, path = claim["evidence"][0]["reference"], f"/api/payments/claims/{claim['claim_id']}"
        after = self.region.behaviour.checked_after(reference)
        if self.region.now < datetime.fromisoformat(claim["lodged_at"]) + after:
            return
        percent = self.region.behaviour.verdict_on(reference).granted_percent
        if percent == 0:
            yield self.api.post(self.region.cast.officer, f"{path}/rejection", {"rules": ["invoice-not-legible"], "note": ""})
        else:
            granted = {"granted_minor": claim["requested_minor"] * percent // 100}
            yield self.api.post(self.region.cast.officer, f"{path}/acceptance", granted)

    def _care(self, voucher: Json, paid: bool) -> Iterator[Step]:
        habits = self.region.behaviour.habits
        fate = self.region.behaviour.plan_of(voucher["organisation_id"]).fate
        since = self.region.now - datetime.fromisoformat(voucher["issued_at"])
        if fate is Fate.EXTENDED and voucher["extensions"] == 0 and since > habits.extended_after and voucher["state"] == "issued":
            valid_until = datetime.fromisoformat(voucher["valid_until"]) + habits.extended_by
            yield self._order(voucher, "extension", {"valid_until": valid_until.isoformat(), "reason": "delivery-delayed"})
        elif fate is Fate.SUSPENDED and not voucher["suspended"] and habits.suspended_after < since < habits.resumed_after:
            yield self._order(voucher, "suspension", {"reason": "under-inquiry"})
        elif voucher["suspended"] and since > habits.resumed_after:
            yield self._order(voucher, "resumption", {"reason": "inquiry-ended"})
        elif fate.revoked and paid:
            yield self._order(voucher, "revocation", {"reason": "irregularity-found"})

    def _order(self, voucher: Json, what: str, body: dict[str, str]) -> Step:
        return self.api.post(self.region.cast.second_officer, f"/api/vouchers/vouchers/{voucher['id']}/{what}", body)
