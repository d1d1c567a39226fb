"""What beneficiaries pay into the account of the region: their own share before the voucher is used, where the policy asks for it, and what
is recovered from them. They go to the simulated bank, as to a bank of their own."""

import asyncio
from collections.abc import Iterator

from simulation.bank.paid_in import PaidIn, pay_in
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import Snapshot

_USABLE = ("issued", "claiming")
_VOUCHERS = "/api/payments/vouchers"


class Deposits:
    """`region.deposited` gets the vouchers whose deposit the bank has booked."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api

    async def act(self, snapshot: Snapshot) -> None:
        await asyncio.gather(*(attempt(step) for step in self._steps(snapshot)))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        if self.region.policy.deposit is None or self.region.paid_in is None:
            return
        for voucher in snapshot.vouchers.values():
            case = str(voucher["organisation_id"])
            awaited = voucher["state"] in _USABLE and voucher["id"] not in self.region.deposited
            if awaited and self.region.behaviour.pays_deposit(case):
                yield self._pay(voucher, case)

    async def _pay(self, voucher: Json, case: str) -> None:
        """With the reference that the voucher's page shows."""
        found = await self.api.get(self.region.actors.applicant(case), f"{_VOUCHERS}/{voucher['id']}/instalments")
        deposit = found["deposit"]
        if deposit is None or deposit["state"] != "awaited":
            self.region.deposited.add(voucher["id"])
        elif self.region.paid_in is not None:
            note = PaidIn(voucher["id"], deposit["account"], deposit["amount_minor"], found["currency"], deposit["reference"])
            pay_in(self.region.paid_in, note)


def pay_back(region: Region, recovery: Json) -> bool:
    """Returns False where no simulated bank is within reach."""
    if region.paid_in is None:
        return False
    account, text = region.policy.bank.debtor_iban, f"Recovery {recovery['reference']}"
    pay_in(region.paid_in, PaidIn(recovery["recovery_id"], account, recovery["amount_minor"], recovery["currency"], text))
    return True
