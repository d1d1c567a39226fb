"""What the lists say has come about in a region, for the progress, the result, and the question whether all is done."""

from collections import Counter
from dataclasses import dataclass, field

from simulation.demo.region import Region
from simulation.demo.view import View

_DECIDED = ("granted", "refused", "withdrawn")
_ENDED_PAYMENTS = ("paid", "cancelled")


@dataclass
class Files:
    """A region's applications and evaluation cases by state; `rules` counts why applications were found ineligible."""

    applications: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    scored: int = 0
    divergent: int = 0

    @property
    def handed_in(self) -> int:
        return self.applications.total() - self.applications["draft"]

    @property
    def undecided(self) -> int:
        pending = self.applications["submitted"] + self.applications["returned"]
        return pending + self.cases.total() - sum(self.cases[state] for state in _DECIDED)


async def read_files(region: Region) -> Files:
    officer, call_id = region.cast.officer, region.call_id
    applications = await region.listed(officer, "/api/applications/applications", call_id=call_id)
    cases = await region.listed(officer, "/api/evaluation/cases", call_id=call_id)
    return Files(
        applications=Counter(application["state"] for application in applications),
        rules=Counter(rule for application in applications for rule in application["failed_rules"]),
        cases=Counter(case["state"] for case in cases),
        scored=sum(case["total_hundredths"] is not None for case in cases),
        divergent=sum(bool(case["divergent"]) for case in cases),
    )


def still_open(files: Files, view: View) -> list[str]:
    """What is not settled yet, in words; empty when all is."""
    vouchers, payments, cases = view.states("vouchers"), view.states("disbursements"), files.cases
    left = {
        "applications undecided": files.undecided,
        "eligible applications not yet with evaluation": files.applications["eligible"] + cases["withdrawn"] - cases.total(),
        "awards without voucher": cases["granted"] - vouchers.total(),
        "vouchers not closed": vouchers.total() - vouchers["closed"],
        "claims not decided": view.states("claims")["lodged"],
        "payments neither made nor cancelled": sum(number for state, number in payments.items() if state not in _ENDED_PAYMENTS),
        "recoveries open": view.states("recoveries")["ordered"],
    }
    return [f"{number} {what}" for what, number in left.items() if number > 0]
