"""What the desks of the demonstration do about each state that a list shows. The API is a recorder: nothing is answered twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from operations.client import Problem
from shared.kernel.clock import ProgrammeClock
from shared.policy.call import call_files, load_call
from shared.policy.loader import load_book
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.caretaker import Caretaker
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.finance import Finance
from simulation.demo.actors.officer import Officer
from simulation.demo.actors.payees import Payees
from simulation.demo.behaviour import Answer, Behaviour, Fate
from simulation.demo.count import Files, still_open
from simulation.demo.dice import Dice
from simulation.demo.region import Region
from simulation.demo.view import View

REGIONS = Path("regions")
BOOK = load_book(REGIONS)
CALLS = {path.parent.parent.name: load_call(path, BOOK) for path in call_files(REGIONS)}
PEOPLE = Behaviour(Dice("triptych"))
ORGANISATIONS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(400)]


class Recorder:
    """Keeps what was asked as (person, route, body); every answer holds what any of the desks reads of one."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
        self.asked.append((person.subject, path, body))
        return {"payee_id": "payee", "closes_at": days_ago(-30), "results": []}

    put = post

    @property
    def routes(self) -> list[str]:
        return [path.rpartition("/")[2] for _, path, _ in self.asked]


def region(name: str = "dk-kolding") -> tuple[Region, Recorder]:
    recorder, (call, policy) = Recorder(), CALLS[name]
    return Region(name, policy, call, recorder, PEOPLE, ProgrammeClock()), recorder  # type: ignore[arg-type]


def days_ago(days: int) -> str:
    return (ProgrammeClock().now() - timedelta(days=days)).isoformat()


def with_fate(fate: Fate) -> str:
    return next(case for case in ORGANISATIONS if PEOPLE.plan_of(case).fate is fate)


def voucher(case: str, **changes: Any) -> dict[str, Any]:
    usual = {"id": "v", "organisation_id": case, "state": "issued", "suspended": False, "outcome": None, "amount_minor": 10_000_001}
    return usual | {"extensions": 0, "issued_at": days_ago(100), "valid_until": days_ago(-80), "code": "KOL-1"} | changes


def disbursement(state: str, **changes: Any) -> dict[str, Any]:
    usual = {"disbursement_id": "d", "voucher_id": "v", "state": state, "attempt": 1, "approvals": 0, "approvals_needed": 1}
    return usual | {"enquired_at": None, "payee_id": "payee"} | changes


def seen(case: str, *disbursements: dict[str, Any], claims: tuple[dict[str, Any], ...] = (), **changes: Any) -> View:
    return View(vouchers={"v": voucher(case, **changes)}, disbursements=list(disbursements), claims=list(claims))


async def finance(view: View) -> Recorder:
    place, recorder = region()
    await Finance(place, Payees(place)).turn(view)
    return recorder


async def test_the_second_approval_is_asked_of_another_person_than_the_first() -> None:
    first = await finance(seen(ORGANISATIONS[0], disbursement("prepared")))
    second = await finance(seen(ORGANISATIONS[0], disbursement("prepared", approvals=1, approvals_needed=2)))
    assert first.routes == second.routes == ["approval"]
    assert first.asked[0][0] != second.asked[0][0]


async def test_a_payment_without_an_answer_is_enquired_once_and_never_sent_again() -> None:
    assert (await finance(seen(ORGANISATIONS[0], disbursement("unknown")))).routes == ["enquiry"]
    assert (await finance(seen(ORGANISATIONS[0], disbursement("unknown", enquired_at=days_ago(1))))).routes == []


@pytest.mark.parametrize("state", ["rejected", "returned"])
async def test_a_payment_that_failed_is_tried_again_after_the_account_is_corrected(state: str) -> None:
    case = next(case for case in ORGANISATIONS if not PEOPLE.gives_up(case, 1))
    assert (await finance(seen(case, disbursement(state)))).routes == ["account", "next-attempt"]


async def test_a_failed_payment_on_a_revoked_voucher_is_cancelled() -> None:
    view = seen(ORGANISATIONS[0], disbursement("returned"), outcome="revoked", state="settling")
    assert (await finance(view)).routes == ["cancellation"]


async def test_nothing_is_paid_while_a_voucher_is_suspended() -> None:
    assert (await finance(seen(ORGANISATIONS[0], disbursement("prepared"), disbursement("approved"), suspended=True))).routes == []


async def test_who_has_approved_already_leaves_it_to_the_other() -> None:
    """A change of account voids approvals: the second approver may then have been the first to approve again."""
    here, recorder = region()
    approved = here.cast.second_approver.subject

    class Refusing(Recorder):
        async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
            await recorder.post(person, path, body, key=key)
            if person.subject == approved:
                raise Problem(403, {"code": "approved-already"})
            return {}

    here.api = Refusing()  # type: ignore[assignment]
    item = disbursement("prepared", approvals=1, approvals_needed=2)
    await Finance(here, Payees(here)).turn(seen(ORGANISATIONS[0], item))
    assert [person for person, _, _ in recorder.asked] == [approved, here.cast.approver.subject]


async def test_approved_payments_are_sealed_together() -> None:
    assert (await finance(seen(ORGANISATIONS[0], disbursement("approved"), disbursement("approved")))).routes == ["batches"]


async def test_claims_ask_for_no_more_than_the_intensity_allows_and_bring_all_evidence() -> None:
    place, recorder = region("be-kortrijk")
    await Beneficiaries(place, Payees(place)).turn(seen(with_fate(Fate.PLAIN)))
    claims = [body for _, path, body in recorder.asked if path.endswith("/claims")]
    assert claims
    for claim in claims:
        assert claim["requested_minor"] <= claim["eligible_minor"] * place.policy.value.intensity_bp // 10_000
        assert {part["kind"] for part in claim["evidence"]} == set(place.policy.claims.evidence)


async def test_a_part_is_claimed_again_after_a_rejection_and_not_while_it_is_being_checked() -> None:
    case, place_and_recorder = with_fate(Fate.PLAIN), region()
    place, recorder = place_and_recorder
    desk = Beneficiaries(place, Payees(place))
    parts = range(len(PEOPLE.plan_of(case).parts))

    def claims(state: str) -> tuple[dict[str, Any], ...]:
        return tuple({"voucher_id": "v", "state": state, "payee_id": "p", "evidence": [{"reference": f"invoice-x-{n}-1"}]} for n in parts)

    await desk.turn(seen(case, claims=claims("lodged")))
    assert recorder.routes == []
    await desk.turn(seen(case, claims=claims("rejected")))
    assert recorder.routes == ["claims"] * len(parts)


@pytest.mark.parametrize(("answer", "route"), [(Answer.ACCEPT, ["acceptance"]), (Answer.DECLINE, ["decline"]), (Answer.SILENT, [])])
async def test_an_offer_is_accepted_declined_or_left_unanswered(answer: Answer, route: list[str]) -> None:
    place, recorder = region()
    case = next(case for case in ORGANISATIONS if PEOPLE.answer_to_offer(case)[0] is answer)
    await Beneficiaries(place, Payees(place)).turn(seen(case, state="offered", offered_at=days_ago(20)))
    assert recorder.routes == route


@pytest.mark.parametrize(
    ("fate", "changes", "route"),
    [
        (Fate.EXTENDED, {}, ["extension"]),
        (Fate.EXTENDED, {"extensions": 1}, []),
        (Fate.SUSPENDED, {"issued_at": days_ago(20)}, ["suspension"]),
        (Fate.SUSPENDED, {"suspended": True}, ["resumption"]),
        (Fate.SUSPENDED, {"suspended": True, "state": "settling"}, ["resumption"]),
        (Fate.SUSPENDED, {"suspended": True, "state": "closed"}, []),
        (Fate.SUSPENDED, {}, []),
        (Fate.REVOKED_REPAID, {}, ["revocation"]),
        (Fate.PLAIN, {}, []),
    ],
)
async def test_an_officer_takes_care_of_a_voucher_by_its_fate(fate: Fate, changes: dict[str, Any], route: list[str]) -> None:
    place, recorder = region()
    await Caretaker(place).turn(seen(with_fate(fate), disbursement("paid"), **changes))
    assert recorder.routes == route


def test_what_is_open_is_named_and_a_settled_region_has_nothing_open() -> None:
    settled = seen(ORGANISATIONS[0], disbursement("paid"), state="closed", outcome="settled")
    files = Files()
    files.applications.update({"eligible": 1, "ineligible": 3})
    files.cases.update({"granted": 1})
    assert still_open(files, settled) == []
    assert still_open(files, seen(ORGANISATIONS[0], disbursement("unknown"), state="settling")) == [
        "1 vouchers not closed",
        "1 payments neither made nor cancelled",
    ]
    files.cases.update({"reserve": 2})
    files.applications.update({"eligible": 2, "submitted": 1})
    assert still_open(files, settled) == ["3 applications undecided"]


@pytest.mark.parametrize(("days_before_the_end", "routes"), [(20, ["imports"]), (3, ["extension", "imports"])])
async def test_a_call_is_extended_when_it_would_close_before_its_list_is_in(days_before_the_end: int, routes: list[str]) -> None:
    place, recorder = region()
    place.extended_to = ProgrammeClock().now() + timedelta(days=days_before_the_end)
    place.rows.append({"row_key": "1", "organisation_id": ORGANISATIONS[0], "form": {}})
    evaluators = Evaluators(place)
    applicants = Applicants(place)
    applicants.by_hand.clear()
    await Officer(place, applicants, evaluators).take_in()
    assert recorder.routes == routes
