"""Services that beneficiaries buy from the catalogue with their vouchers. A beneficiary orders; the provider accepts, delivers, redeems the
voucher by its code and invoices; the beneficiary confirms, by which the claim is lodged, to be paid to the provider."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from operations.client import Person
from shared.kernel.ids import derive_id
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import ClaimState, EvidenceKind
from simulation.demo.actors.catalogue import Catalogue, Provider
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.schemes import rate_of
from simulation.demo.snapshot import Snapshot
from simulation.sample_files import sample_pdf

_USABLE = ("issued", "claiming")
_LIVE = ("placed", "accepted", "redeemed", "invoiced")
_MOST_ORDERS = 5
_ORDERS, _DRAFTS = "/api/payments/orders", "/api/payments/claim-drafts"


class Orders:
    def __init__(self, region: Region, catalogue: Catalogue) -> None:
        self.region, self.api, self.catalogue = region, region.api, catalogue
        self._objected: set[str] = set()

    async def act(self, snapshot: Snapshot) -> None:
        if self.region.buys_from_catalogue:
            await asyncio.gather(*(attempt(step) for step in self._steps(snapshot)))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        orders, claims = snapshot.orders_by_voucher(), snapshot.claims_by_voucher()
        for voucher in snapshot.vouchers.values():
            if voucher["state"] not in _USABLE or voucher["suspended"] or not self.region.may_use(voucher):
                continue
            of_voucher = orders.get(voucher["id"], [])
            live = next((order for order in of_voucher if order["state"] in _LIVE), None)
            step = self._continue(voucher, live) if live else self._order(voucher, of_voucher)
            step = step or self._lodge_again(voucher, of_voucher, claims.get(voucher["id"], []))
            if step:
                yield step

    def _order(self, voucher: Json, orders: Sequence[Json]) -> Step | None:
        """For the first part of the plan that is due and not bought yet. An order that came to nothing goes to another provider."""
        case, since = voucher["organisation_id"], self.region.now - datetime.fromisoformat(voucher["issued_at"])
        plan = self.region.behaviour.voucher_plan(case)
        for part, after in enumerate(plan.claims_after):
            tried = sorted((order for order in orders if part_of(order) == part), key=lambda order: str(order["placed_at"]))
            if any(order["state"] == "confirmed" for order in tried):
                continue
            if since < after or len(tried) >= _MOST_ORDERS:
                return None
            provider = self._choose(case, part, tried)
            return self._place(voucher, (part, len(tried) + 1), plan.parts[part], provider, tried) if provider else None
        return None

    def _choose(self, case: str, part: int, tried: Sequence[Json]) -> Provider | None:
        """One that is in the catalogue and has not failed before, as long as there is one."""
        listed = [provider for one, provider in sorted(self.catalogue.providers.items()) if one not in self.region.unlisted_providers]
        failed = {order["provider_id"] for order in tried}
        fresh = [provider for provider in listed if provider.provider_id not in failed]
        return self.region.random.one_of(fresh or listed, "order", case, part, len(tried)) if listed else None

    async def _place(self, voucher: Json, number: tuple[int, int], percent: int, provider: Provider, tried: Sequence[Json]) -> None:
        case, (part, tries) = str(voucher["organisation_id"]), number
        rerouted = [order["order_id"] for order in tried if order["state"] == "rerouted"]
        requested_minor = voucher["amount_minor"] * percent // 100
        body = {
            "voucher_id": voucher["id"],
            "provider_id": provider.provider_id,
            "service": provider.service,
            "agreed_minor": -(-requested_minor * BASIS // rate_of(self.region, case)),
            "buyer": f"Beneficiary {case[:8]}",
            "description": f"Made up for demonstration, order {part}-{tries}",
            "replaces": rerouted[-1] if rerouted else None,
        }
        key = self.region.random.text("order", voucher["id"], part, tries)[:40]
        await self.api.post(self.region.actors.applicant(case), _ORDERS, body, key=key)

    def _continue(self, voucher: Json, order: Json) -> Step | None:
        provider, path = self.catalogue.providers.get(order["provider_organisation_id"]), f"{_ORDERS}/{order['order_id']}"
        if provider is None:
            return None
        person, key, behaviour = provider.person, _key_of(order), self.region.behaviour
        match order["state"]:
            case "placed" if self.region.now >= datetime.fromisoformat(order["answer_by"]):
                return self.api.post(self.region.actors.applicant(order["organisation_id"]), f"{path}/cancellation")
            case "placed" if behaviour.declines(key):
                return self.api.post(person, f"{path}/refusal", {"reason": "No time before the end of the voucher."})
            case "placed":
                return self.api.post(person, f"{path}/acceptance")
            case "accepted" if self.region.now >= datetime.fromisoformat(order["answered_at"]) + behaviour.delivered_after(key):
                return self.api.post(person, f"{path}/redemption", {"code": voucher["code"]})
            case "redeemed":
                return self._invoice(provider, order, path)
            case "invoiced" if behaviour.objects(key) and order["order_id"] not in self._objected:
                return self._object(order, path)
            case "invoiced":
                return self._confirm(order, path)
        return None

    async def _invoice(self, provider: Provider, order: Json, path: str) -> None:
        """One line with the file of its invoice, written again after an objection."""
        line_id, day = derive_id(UUID(order["order_id"]), "line"), self._day(order["redeemed_at"])
        line = {
            "seller": f"Example Provider {provider.number}",
            "seller_tax_number": "as registered",
            "reference": f"invoice-{order['organisation_id'][:8]}-{'-'.join(map(str, _number_of(order)))}",
            "issued_on": day,
            "delivered_on": day,
            "net_minor": order["agreed_minor"],
            "vat_recoverable": False,
            "currency": order["currency"],
            "claimed_minor": order["agreed_minor"],
        }
        await self.api.put(provider.person, f"{_DRAFTS}/{order['draft_id']}/lines/{line_id}", line)
        await self._give(provider.person, order, line_id, EvidenceKind.INVOICE)
        await self.api.post(provider.person, f"{path}/invoice")

    async def _object(self, order: Json, path: str) -> None:
        person = self.region.actors.applicant(order["organisation_id"])
        await self.api.post(person, f"{path}/objection", {"reason": "The last sheet is missing."})
        self._objected.add(order["order_id"])

    async def _confirm(self, order: Json, path: str) -> None:
        """With the documents that are the beneficiary's own to give."""
        person = self.region.actors.applicant(order["organisation_id"])
        for kind in self.region.policy.claims.evidence:
            if kind != EvidenceKind.INVOICE:
                await self._give(person, order, derive_id(UUID(order["order_id"]), "line"), kind)
        await self.api.post(person, f"{path}/confirmation", {"vat_recoverable": False})

    async def _give(self, person: Person, order: Json, line_id: UUID, kind: str) -> None:
        """The key finds the file that an earlier try gave."""
        path = f"{_DRAFTS}/{order['draft_id']}/lines/{line_id}/files"
        key = self.region.random.text("document", order["order_id"], kind)[:40]
        content = sample_pdf(f"Made up for demonstration: {kind} of order {order['order_id']}")
        await self.api.give(person, path, f"{kind}.pdf", content, key=key, kind=kind)

    def _lodge_again(self, voucher: Json, orders: Sequence[Json], claims: Sequence[Json]) -> Step | None:
        """Once after a rejection: the documents stay."""
        for order in orders:
            of_order = [claim for claim in claims if order["draft_id"] and claim["draft_id"] == order["draft_id"]]
            if len(of_order) == 1 and of_order[0]["state"] == ClaimState.REJECTED:
                person = self.region.actors.applicant(voucher["organisation_id"])
                return self.api.post(person, f"{_DRAFTS}/{order['draft_id']}/lodging")
        return None

    def _day(self, instant: str) -> str:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(self.region.policy.zone)).date().isoformat()


def part_of(order: Json) -> int:
    """Returns which part of the plan the order is for."""
    return _number_of(order)[0]


def _number_of(order: Json) -> tuple[int, int]:
    """The description of each order ends in '<part>-<try>'."""
    part, tries = (order["description"] or "0-0").rsplit(" ", 1)[-1].split("-")
    return int(part), int(tries)


def _key_of(order: Json) -> str:
    return f"{order['organisation_id']} {'-'.join(map(str, _number_of(order)))}"
