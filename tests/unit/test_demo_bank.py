"""What people of the demonstration do at the bank: lines that wait for a person, deposits, recoveries that are paid back."""

from pathlib import Path
from typing import Any

import pytest

from shared.policy.own_share import Deposit
from simulation.bank.kinds import KINDS
from simulation.bank.paid_in import read_paid_in
from simulation.chaos.banks import draw_kinds
from simulation.demo.actors.bank_lines import BankLines
from simulation.demo.actors.finance import Finance
from simulation.demo.actors.payees import Payees
from simulation.demo.actors.paying_in import Deposits
from simulation.demo.progress_counts import ProgressCounts, unfinished_work
from simulation.demo.region import Region
from simulation.demo.snapshot import CORRECTION, DOUBLE, REJECTED_LATE
from tests.unit.test_demo_actors import ORGANISATIONS, Recorder, days_ago, disbursement, region, snapshot_of


class Desk(Recorder):
    """Answers with one line of the bank, and with the deposit of any voucher."""

    def __init__(self, proposed: bool = False, deposit: str = "awaited") -> None:
        super().__init__()
        self.proposed, self.deposit = proposed, deposit

    async def get(self, person: Any, path: str, **query: Any) -> Any:
        deposit = {"state": self.deposit, "account": "BE1", "amount_minor": 700, "reference": "RF1"}
        return {"proposals": [{"state": "proposed", "proposal_id": "p"}] if self.proposed else [], "deposit": deposit, "currency": "EUR"}

    async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return await super().post(person, path, body, key=key) | {"proposal_id": "p"}


def at(desk: Recorder, paid_in: Path | None = None) -> Region:
    place, _ = region()
    place.api, place.paid_in = desk, paid_in  # type: ignore[assignment]
    return place


def notes_in(folder: Path) -> list[tuple[int, str]]:
    return [(one.amount_minor, one.text) for _, one in read_paid_in(folder, ())]


def line(reason: str, number: int = 1) -> dict[str, Any]:
    return {"line_id": f"l{number}", "reason": reason, "disbursement_id": "d", "voucher_id": "v", "batch_id": None}


@pytest.mark.parametrize(
    ("reasons", "proposed", "routes"),
    [
        (["return-without-mark"], False, ["proposals", "confirmation"]),
        (["no-reference"], True, ["confirmation"]),
        ([DOUBLE], False, []),
        ([DOUBLE, CORRECTION], False, ["resolution", "resolution"]),
        ([REJECTED_LATE], False, ["resolution"]),
        (["returned-before-booked"], False, []),
    ],
)
async def test_lines_of_the_bank_are_resolved_by_two(reasons: list[str], proposed: bool, routes: list[str]) -> None:
    desk = Desk(proposed)
    snapshot = snapshot_of(ORGANISATIONS[0])
    snapshot.lines = [line(reason, number) for number, reason in enumerate(reasons)]
    await BankLines(at(desk)).act(snapshot)
    assert desk.routes == routes
    if routes[:1] == ["proposals"]:
        (one, _, body), (other, _, _) = desk.requests
        assert one != other
        assert body["disbursement_id"] == "d"
    waits = [work for work in unfinished_work(ProgressCounts(), snapshot) if "lines of the bank" in work]
    assert bool(waits) is (reasons != ["returned-before-booked"])


@pytest.mark.parametrize(("of_batches", "routes"), [({"l1"}, []), (set(), ["resolution"])])
async def test_line_of_a_batch_is_left_to_the_bank(of_batches: set[str], routes: list[str]) -> None:
    """The rest of its answers may explain the sum."""
    desk = Desk()
    place = at(desk)
    snapshot = snapshot_of(ORGANISATIONS[0], disbursement("rejected", waits_for="bank-line-open", open_line_id="l1"))
    snapshot.of_batches = of_batches
    await Finance(place, Payees(place)).act(snapshot)
    assert desk.routes == routes


@pytest.mark.parametrize(("state", "notes", "may_use"), [("awaited", 1, False), ("paid", 0, True)])
async def test_deposit_is_paid_in_before_the_voucher_is_used(tmp_path: Path, state: str, notes: int, may_use: bool) -> None:
    place = at(Desk(deposit=state), tmp_path)
    place.policy = place.policy.model_copy(update={"deposit": Deposit(within=place.policy.claims.claim_window)})
    snapshot = snapshot_of(ORGANISATIONS[0])
    for _ in range(2):
        await Deposits(place).act(snapshot)
    assert notes_in(tmp_path) == [(700, "RF1")] * notes
    assert place.may_use(snapshot.vouchers["v"]) is may_use


@pytest.mark.parametrize("within_reach", [True, False])
async def test_recovery_is_paid_back_at_the_bank(tmp_path: Path, within_reach: bool) -> None:
    """Or a person names the credit."""
    desk = Desk()
    place = at(desk, tmp_path if within_reach else None)
    snapshot = snapshot_of(ORGANISATIONS[0])
    owed = {"recovery_id": "r", "reference": "RF2", "amount_minor": 900, "currency": "DKK", "voucher_id": "v", "state": "ordered"}
    snapshot.recoveries = [owed | {"ordered_at": days_ago(40)}]
    await Finance(place, Payees(place)).act(snapshot)
    assert notes_in(tmp_path) == ([(900, "Recovery RF2")] if within_reach else [])
    assert desk.routes == ([] if within_reach else ["settlement"])


def test_campaign_of_ten_rounds_plays_every_kind_of_bank() -> None:
    rounds = [draw_kinds(7, number, ("A", "B")) for number in range(18)]
    assert {kind for drawn in rounds[:9] for kind in drawn.values()} == set(KINDS)
    assert {drawn["A"] for drawn in rounds} == set(KINDS)
    assert rounds[0] == draw_kinds(7, 0, ("A", "B")) != draw_kinds(8, 0, ("A", "B"))
