"""Counts of a region's applications and cases, for the progress table, the result and the question whether any work is left."""

from collections import Counter
from dataclasses import dataclass, field

from shared.kernel.vocabulary import ApplicationState, ClaimState, RecoveryState
from simulation.demo.region import Region
from simulation.demo.snapshot import BY_REASON, Snapshot

_DECIDED = ("granted", "invited", "refused", "withdrawn")
CEILING = "de-minimis-ceiling"
_ENDED_PAYMENTS = ("paid", "cancelled")


@dataclass
class ProgressCounts:
    """Applications and evaluation cases by state. `rules` counts why applications were found ineligible, `above_ceiling` the awards that
    the ceiling of de minimis aid refused."""

    applications: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    scored: int = 0
    divergent: int = 0
    above_ceiling: int = 0

    @property
    def submitted(self) -> int:
        """Applications that were ever submitted."""
        return self.applications.total() - self.applications[ApplicationState.DRAFT]

    @property
    def undecided(self) -> int:
        pending = self.applications[ApplicationState.SUBMITTED] + self.applications[ApplicationState.RETURNED]
        return pending + self.cases.total() - sum(self.cases[state] for state in _DECIDED)


async def read_progress_counts(region: Region) -> ProgressCounts:
    officer, call_id = region.actors.officer, region.call_id
    applications = await region.list_all(officer, "/api/applications/applications", call_id=call_id)
    cases = await region.list_all(officer, "/api/evaluation/cases", call_id=call_id)
    return ProgressCounts(
        applications=Counter(application["state"] for application in applications),
        rules=Counter(rule for application in applications for rule in application["failed_rules"]),
        cases=Counter(case["state"] for case in cases),
        scored=sum(case["total_hundredths"] is not None for case in cases),
        divergent=sum(bool(case["divergent"]) for case in cases),
        above_ceiling=sum(CEILING in case["decision"]["rules"] for case in cases if case["decision"]),
    )


def unfinished_work(counts: ProgressCounts, snapshot: Snapshot) -> list[str]:
    """Returns one phrase for each kind of unfinished work; empty when the region has finished."""
    vouchers, payments, cases = snapshot.states("vouchers"), snapshot.states("disbursements"), counts.cases
    eligible = counts.applications[ApplicationState.ELIGIBLE]
    left = {
        "applications undecided": counts.undecided,
        "eligible applications not yet with evaluation": eligible + cases["withdrawn"] - cases.total(),
        "awards without voucher": cases["granted"] - vouchers.total(),
        "vouchers not closed": vouchers.total() - vouchers["closed"],
        "claims not decided": snapshot.states("claims")[ClaimState.LODGED],
        "payments neither made nor cancelled": sum(number for state, number in payments.items() if state not in _ENDED_PAYMENTS),
        "recoveries open": snapshot.states("recoveries")[RecoveryState.ORDERED],
        "lines of the bank not resolved": sum(line["reason"] in BY_REASON for line in snapshot.lines),
    }
    return [f"{number} {what}" for what, number in left.items() if number > 0]
