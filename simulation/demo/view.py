"""What the desks of a region look at: its vouchers, claims, disbursements and recoveries, read once a turn for all of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from simulation.demo.region import Json, Region


@dataclass
class View:
    vouchers: dict[str, Json] = field(default_factory=dict)
    claims: list[Json] = field(default_factory=list)
    disbursements: list[Json] = field(default_factory=list)
    recoveries: list[Json] = field(default_factory=list)

    def claims_of(self) -> dict[str, list[Json]]:
        """By voucher."""
        found: dict[str, list[Json]] = defaultdict(list)
        for claim in self.claims:
            found[claim["voucher_id"]].append(claim)
        return found

    def organisation_of(self, item: Json) -> str:
        """The case that a claim, disbursement or recovery belongs to; empty while its voucher has not been seen."""
        voucher = self.vouchers.get(item["voucher_id"])
        return str(voucher["organisation_id"]) if voucher else ""

    def is_suspended(self, item: Json) -> bool:
        voucher = self.vouchers.get(item["voucher_id"])
        return voucher is not None and bool(voucher["suspended"])

    def is_taken_away(self, item: Json) -> bool:
        """Its voucher was withdrawn or revoked: nothing more is paid on it."""
        voucher = self.vouchers.get(item["voucher_id"])
        return voucher is not None and voucher["outcome"] in ("withdrawn", "revoked")

    def states(self, of: str) -> Counter[str]:
        items: Any = getattr(self, of)
        return Counter(item["state"] for item in (items.values() if isinstance(items, dict) else items))


async def look(region: Region) -> View:
    """What belongs to the region's call. Asks only for what can be there: no claims before the first voucher is issued, no recoveries
    before one is revoked."""
    officer = region.cast.officer
    vouchers = await region.listed(officer, "/api/vouchers/vouchers", call_id=region.call_id)
    view = View(vouchers={voucher["id"]: voucher for voucher in vouchers})

    async def of_them(path: str) -> list[Json]:
        return [item for item in await region.listed(officer, path) if item["voucher_id"] in view.vouchers]

    if any(voucher["code"] for voucher in vouchers):
        view.claims = await of_them("/api/payments/claims")
    if view.claims:
        view.disbursements = await of_them("/api/payments/disbursements")
    if any(voucher["outcome"] == "revoked" for voucher in vouchers):
        view.recoveries = await of_them("/api/payments/recoveries")
    return view
