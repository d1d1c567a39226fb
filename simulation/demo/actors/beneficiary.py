"""Beneficiaries: they answer offers, register an account, claim in one or several parts, or withdraw.

The region's list takes the place of the letters that inform each of them of offer and voucher. They act as themselves.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.kernel.money import BASIS
from shared.kernel.vocabulary import ClaimState
from simulation.demo.actors.payees import Payees
from simulation.demo.behaviour import Answer, PlannedOutcome
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import Snapshot

_USABLE = ("issued", "claiming")
_MAX_TRIES = 2
_PATH = "/api/vouchers/vouchers"


class Beneficiaries:
    def __init__(self, region: Region, payees: Payees) -> None:
        self.region, self.api, self.payees = region, region.api, payees

    async def act(self, snapshot: Snapshot) -> None:
        await asyncio.gather(*(attempt(step) for step in self._steps(snapshot)))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        claims = snapshot.claims_by_voucher()
        for voucher in snapshot.vouchers.values():
            if voucher["state"] == "offered":
                yield from self._answer(voucher)
            elif not self.region.buys_from_catalogue and any(claim.get("draft_id") for claim in claims.get(voucher["id"], [])):
                continue  # a person claims on it, line by line
            elif voucher["state"] in _USABLE and not voucher["suspended"] and self.region.may_use(voucher):
                yield from self._use(voucher, claims.get(voucher["id"], []))

    def _answer(self, voucher: Json) -> Iterator[Step]:
        case = voucher["organisation_id"]
        answer, after = self.region.behaviour.answer_to_offer(case)
        if answer is Answer.NO_REPLY or self.region.now < datetime.fromisoformat(voucher["offered_at"]) + after:
            return
        path = f"{_PATH}/{voucher['id']}"
        action = "acceptance" if answer is Answer.ACCEPT else "decline"
        yield self.api.post(self.region.actors.applicant(case), f"{path}/{action}")

    def _use(self, voucher: Json, claims: list[Json]) -> Iterator[Step]:
        case, since = voucher["organisation_id"], self.region.now - datetime.fromisoformat(voucher["issued_at"])
        plan = self.region.behaviour.voucher_plan(case)
        if plan.outcome is PlannedOutcome.WITHDRAWN and since > self.region.behaviour.profile.withdraws_after:
            person = self.region.actors.applicant(case)
            yield self.api.post(person, f"{_PATH}/{voucher['id']}/withdrawal", {"reason": "project-given-up"})
            return
        if self.region.buys_from_catalogue:
            return  # its claims follow from orders
        for part, after in enumerate(plan.claims_after):
            tried = [claim for claim in claims if _part_of(claim) == part]
            if since < after or any(claim["state"] != ClaimState.REJECTED for claim in tried) or len(tried) >= _MAX_TRIES:
                continue
            payee = str(claims[0]["payee_id"]) if claims else None
            yield self._claim(voucher, part, len(tried) + 1, plan.parts[part], payee)

    async def _claim(self, voucher: Json, part: int, tries: int, percent: int, payee: str | None) -> None:
        case = str(voucher["organisation_id"])
        requested_minor = voucher["amount_minor"] * percent // 100
        eligible_minor = -(-requested_minor * BASIS // self.region.policy.value.intensity_bp)
        body = {
            "voucher_id": voucher["id"],
            "eligible_minor": eligible_minor,
            "requested_minor": requested_minor,
            "payee_id": payee or await self.payees.of(case),
            "evidence": self._evidence(voucher, part, tries, eligible_minor),
        }
        key = self.region.random.text("claim", voucher["id"], part, tries)[:40]
        await self.api.post(self.region.actors.applicant(case), "/api/payments/claims", body, key=key)

    def _evidence(self, voucher: Json, part: int, tries: int, eligible_minor: int) -> list[dict[str, Any]]:
        """Of some days ago, but not of a day before the voucher: it would not pay for that."""
        case, zone = str(voucher["organisation_id"]), ZoneInfo(self.region.policy.zone)
        first = datetime.fromisoformat(voucher["issued_at"]).astimezone(zone).date()
        issued_on = max(first, (self.region.now - timedelta(days=3)).date()).isoformat()
        return [
            {
                "kind": kind,
                "reference": f"{kind}-{case[:8]}-{part}-{tries}",
                "sha256": self.region.random.text("evidence", self.region.id, case, part, tries, kind),
                "issued_on": issued_on,
                "issuer": f"{int(case[:8], 16):011}",
                "amount_minor": 0 if kind in ("deliverable", "visibility-proof") else eligible_minor,
            }
            for kind in self.region.policy.claims.evidence
        ]


def _part_of(claim: Json) -> int:
    """Returns which part of the plan a claim is for: the references of its evidence end in '-<part>-<try>'."""
    return int(claim["evidence"][0]["reference"].split("-")[-2])
