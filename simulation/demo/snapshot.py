"""A region's vouchers, claims, disbursements and recoveries, read once in a turn for all actors that need them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from shared.kernel.vocabulary import VoucherOutcome
from simulation.demo.region import Json, Region

RESOLUTIONS = {
    **dict.fromkeys(("return-without-mark", "ambiguous-attempt"), "matched"),
    "returned-in-part": "returned-in-part",
    "no-reference": "otherwise",
    **dict.fromkeys(("deposit-partial", "deposit-wrong-amount", "deposit-too-late"), "returned-to-sender"),
    **dict.fromkeys(("deposit-when-paid", "deposit-when-lapsed", "deposit-when-closed"), "returned-to-sender"),
    **dict.fromkeys(("returned-already", "credit-after-settled", "credit-after-written-off", "credit-after-closed"), "returned-to-sender"),
    "credit-of-others": "income",
}
"""Why a line of the bank waits for a person → what two of finance resolve it to."""
DOUBLE, CORRECTION = "booked-twice", "second-debit-returned"
"""The bank books a debit a second time, and takes it back: each is left alone until the other is there."""
REJECTED_LATE = "bank-rejected-after-accepted"
"""The bank has accepted a payment and rejects it later: one of finance asks it, and it stands by that."""
BY_REASON = (*RESOLUTIONS, DOUBLE, CORRECTION, REJECTED_LATE)


@dataclass
class Snapshot:
    """What the APIs listed for the region's call. `vouchers`: by id. `orders`: where services are bought from the catalogue. `lines`:
    of the bank, that wait for a person. `of_batches`: those that name a batch alone, which the rest of the bank's answers may explain."""

    vouchers: dict[str, Json] = field(default_factory=dict)
    claims: list[Json] = field(default_factory=list)
    disbursements: list[Json] = field(default_factory=list)
    recoveries: list[Json] = field(default_factory=list)
    orders: list[Json] = field(default_factory=list)
    lines: list[Json] = field(default_factory=list)
    of_batches: set[str] = field(default_factory=set)

    def claims_by_voucher(self) -> dict[str, list[Json]]:
        claims: dict[str, list[Json]] = defaultdict(list)
        for claim in self.claims:
            claims[claim["voucher_id"]].append(claim)
        return claims

    def orders_by_voucher(self) -> dict[str, list[Json]]:
        orders: dict[str, list[Json]] = defaultdict(list)
        for order in self.orders:
            orders[order["voucher_id"]].append(order)
        return orders

    @property
    def ordered(self) -> dict[str, str]:
        """The draft of each claim that follows from an order → the organisation of its provider."""
        return {str(order["draft_id"]): str(order["provider_organisation_id"]) for order in self.orders if order["draft_id"]}

    def provider_of(self, item: Json) -> str | None:
        """The organisation of the provider to whom a disbursement of an order is paid; None of another one."""
        drafts = {claim["claim_id"]: claim.get("draft_id") for claim in self.claims}
        return self.ordered.get(str(drafts.get(item.get("claim_id"))))

    def organisation_of(self, item: Json) -> str:
        """The organisation of a claim, disbursement or recovery; empty if its voucher is not in the snapshot."""
        voucher = self.vouchers.get(item["voucher_id"])
        return str(voucher["organisation_id"]) if voucher else ""

    def is_suspended(self, item: Json) -> bool:
        voucher = self.vouchers.get(item["voucher_id"])
        return voucher is not None and bool(voucher["suspended"])

    def is_ended_early(self, item: Json) -> bool:
        """True if the item's voucher was withdrawn or revoked: nothing more is paid on it."""
        voucher = self.vouchers.get(item["voucher_id"])
        return voucher is not None and voucher["outcome"] in (VoucherOutcome.WITHDRAWN, VoucherOutcome.REVOKED)

    def is_left_alone(self, line_id: str | None) -> bool:
        """The line waits for the bank, or for those who resolve it by its reason (`actors/bank_lines.py`)."""
        return line_id in self.of_batches or any(line["line_id"] == line_id and line["reason"] in BY_REASON for line in self.lines)

    def states(self, kind: str) -> Counter[str]:
        """Counts by state; `kind` is the name of one of the four collections."""
        items: Any = getattr(self, kind)
        return Counter(item["state"] for item in (items.values() if isinstance(items, dict) else items))


async def read_snapshot(region: Region) -> Snapshot:
    """Reads only lists that can have items: no claims before the first voucher is issued, no recoveries before one is revoked."""
    officer = region.actors.officer
    vouchers = await region.list_all(officer, "/api/vouchers/vouchers", call_id=region.call_id)
    snapshot = Snapshot(vouchers={voucher["id"]: voucher for voucher in vouchers})

    async def of_these_vouchers(path: str) -> list[Json]:
        return [item for item in await region.list_all(officer, path) if item["voucher_id"] in snapshot.vouchers]

    if any(voucher["code"] for voucher in vouchers):
        snapshot.claims = await of_these_vouchers("/api/payments/claims")
        snapshot.orders = await of_these_vouchers("/api/payments/orders") if region.buys_from_catalogue else []
    if snapshot.claims:
        snapshot.disbursements = await of_these_vouchers("/api/payments/disbursements")
    if snapshot.claims or region.policy.deposit:
        lines = await region.list_all(region.actors.approver, "/api/payments/unmatched")
        snapshot.lines = [line for line in lines if _concerns(line, snapshot, region)]
        snapshot.of_batches = {line["line_id"] for line in lines if line["batch_id"] and not line["voucher_id"]}
    if any(voucher["outcome"] == VoucherOutcome.REVOKED for voucher in vouchers):
        snapshot.recoveries = await of_these_vouchers("/api/payments/recoveries")
    return snapshot


def _concerns(line: Json, snapshot: Snapshot, region: Region) -> bool:
    """It is about a voucher of the call; about none, it is for those of the region's own call."""
    return line["voucher_id"] in snapshot.vouchers or (line["voucher_id"] is None and line["batch_id"] is None and not region.scheme_call)
