"""Claims of a scheme whose cases differ, line by line: the beneficiary writes an invoice with its documents, the officer looks at it."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import ClaimState
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.maintenance import VoucherMaintenance
from simulation.demo.actors.sessions import Participants, SessionOfficers
from simulation.demo.region import Json, Region
from simulation.demo.schemes import rate_of
from simulation.demo.snapshot import Snapshot
from simulation.sample_files import sample_pdf

_DRAFTS, _CLAIMS = "/api/payments/claim-drafts", "/api/payments/claims"
_SELLER = "CZ12345679"


class LineBeneficiaries(Beneficiaries):
    """Each claims the whole voucher once, by one invoice that it has paid."""

    async def _claim(self, voucher: Json, part: int, tries: int, percent: int, payee: str | None) -> None:
        case = str(voucher["organisation_id"])
        person, draft = self.region.actors.applicant(case), str((await self._begun(voucher))["draft_id"])
        line = str(derive_id(UUID(draft), "line", part))
        await self.api.put(person, f"{_DRAFTS}/{draft}/lines/{line}", self._line(voucher, case))
        for kind in self.region.policy.claims.evidence:
            key, content = self.region.random.text("document", draft, kind)[:40], sample_pdf(f"Made up for demonstration: {kind} {draft}")
            await self.api.give(person, f"{_DRAFTS}/{draft}/lines/{line}/files", f"{kind}.pdf", content, key=key, kind=kind)
        payee = payee or await self.payees.of(case)
        await self.api.put(person, f"{_DRAFTS}/{draft}/payee", {"payee_id": payee})
        await self.api.post(person, f"{_DRAFTS}/{draft}/lodging")

    async def _begun(self, voucher: Json) -> Json:
        person = self.region.actors.applicant(str(voucher["organisation_id"]))
        found: Json = await self.api.post(person, _DRAFTS, {"voucher_id": voucher["id"]})
        return found

    def _line(self, voucher: Json, case: str) -> Json:
        """Of the least cost that takes the whole voucher, with VAT that the firm gets back."""
        cost = -(-voucher["amount_minor"] * 10_000 // rate_of(self.region, case))
        issued = datetime.fromisoformat(voucher["issued_at"]).date()
        day = max((self.region.now - timedelta(days=1)).date(), issued).isoformat()
        return {
            "seller": "Example Works", "seller_tax_number": _SELLER, "reference": f"INV-{case[:8]}-{self.region.scheme_call}",
            "issued_on": day, "ordered_on": day,
            "delivered_on": day, "paid_on": day, "net_minor": cost, "vat_minor": cost // 4, "vat_recoverable": True,
            "currency": self.region.policy.currency, "claimed_minor": cost,
        }  # fmt: skip


class LineChecks(VoucherMaintenance):
    """The officer who checks claims accepts every line."""

    async def act(self, snapshot: Snapshot) -> None:
        await asyncio.gather(*(self._accepted(claim) for claim in snapshot.claims if self._is_due(claim)))

    def _is_due(self, claim: Json) -> bool:
        after = self.region.behaviour.checked_after(claim["claim_id"])
        return claim["state"] == ClaimState.LODGED and self.region.now >= datetime.fromisoformat(claim["lodged_at"]) + after

    async def _accepted(self, claim: Json) -> None:
        path = f"{_CLAIMS}/{claim['claim_id']}"
        detail = await self.api.get(self.region.actors.screener, path)
        for line in detail["lines"]:
            await self.api.put(self.region.actors.screener, f"{path}/lines/{line['number']}/check", {"cut_minor": 0})
        body = {"confirmed_lines": detail["similar_lines"] or []}
        await self.api.post(self.region.actors.screener, f"{path}/acceptance", body)


def actors_of(region: Region, beneficiaries: Beneficiaries, maintenance: VoucherMaintenance) -> tuple[Beneficiaries, VoucherMaintenance]:
    """Those of the region's own call, those who book hours, or those who claim line by line."""
    if region.policy.benefit is not None:
        return Participants(region, beneficiaries.payees), SessionOfficers(region)
    if not region.scheme_call:
        return beneficiaries, maintenance
    return LineBeneficiaries(region, beneficiaries.payees), LineChecks(region)
