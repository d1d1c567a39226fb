"""What each actor of the demonstration requests for each state that a list shows. The API is a recorder without any state."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from operations.client import Problem
from shared.files.kinds import kind_of
from shared.kernel.clock import ProgrammeClock
from shared.policy.call import call_files, load_call
from shared.policy.sections import Budget
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.catalogue import LISTED, Catalogue
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.actors.finance import Finance, confirm_budget
from simulation.demo.actors.maintenance import VoucherMaintenance
from simulation.demo.actors.officer import Officer
from simulation.demo.actors.payees import Payees
from simulation.demo.behaviour import Answer, Behaviour, PlannedOutcome
from simulation.demo.progress_counts import ProgressCounts, unfinished_work
from simulation.demo.region import Region
from simulation.demo.seeded_random import SeededRandom
from simulation.demo.snapshot import Snapshot
from simulation.sample_files import pdf_questions
from tests.support.policies import BOOK, REGIONS

CALLS = {path.parent.parent.name: load_call(path, BOOK) for path in call_files(REGIONS)}
BEHAVIOUR = Behaviour(SeededRandom("triptych"))
ORGANISATIONS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(400)]


class Recorder:
    """Records requests as (person, path, body). Every answer has all fields that any of the actors reads. `listed`: what a list has."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.listed: list[Any] = []

    async def list_items(self, person: Any, path: str, **query: Any) -> AsyncIterator[Any]:
        for item in self.listed:
            yield item

    async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
        self.requests.append((person.subject, path, body))
        return {"payee_id": "payee", "proposal": {"proposal_id": "p"}, "closes_at": days_ago(-30), "results": []}

    async def get(self, person: Any, path: str, **query: Any) -> Any:
        return {"payment_hash": "hash"}

    put = post

    async def give(self, person: Any, path: str, name: str, content: bytes, *, key: str, **query: Any) -> Any:
        self.requests.append((person.subject, path, (kind_of(content), query)))

    @property
    def routes(self) -> list[str]:
        return [path.rpartition("/")[2] for _, path, _ in self.requests]


def region(name: str = "dk-kolding") -> tuple[Region, Recorder]:
    recorder, (call, policy) = Recorder(), CALLS[name]
    return Region(name, policy, call, recorder, BEHAVIOUR, ProgrammeClock()), recorder  # type: ignore[arg-type]


def days_ago(days: int) -> str:
    return (ProgrammeClock().now() - timedelta(days=days)).isoformat()


def case_with_outcome(outcome: PlannedOutcome) -> str:
    return next(case for case in ORGANISATIONS if BEHAVIOUR.voucher_plan(case).outcome is outcome)


def voucher(case: str, **changes: Any) -> dict[str, Any]:
    usual = {"id": "v", "organisation_id": case, "state": "issued", "suspended": False, "outcome": None, "amount_minor": 10_000_001}
    return usual | {"extensions": 0, "issued_at": days_ago(100), "valid_until": days_ago(-80), "code": "KOL-1"} | changes


def disbursement(state: str, **changes: Any) -> dict[str, Any]:
    usual = {"disbursement_id": "d", "voucher_id": "v", "state": state, "attempt": 1, "approvals": 0, "approvals_needed": 1}
    waits = {"waits_for": None, "open_line_id": None, "statement_day": None}
    return usual | {"enquired_at": None, "payee_id": "payee"} | waits | changes


def snapshot_of(case: str, *disbursements: dict[str, Any], claims: tuple[dict[str, Any], ...] = (), **changes: Any) -> Snapshot:
    return Snapshot(vouchers={"v": voucher(case, **changes)}, disbursements=list(disbursements), claims=list(claims))


async def finance_requests(snapshot: Snapshot) -> Recorder:
    place, recorder = region()
    await Finance(place, Payees(place)).act(snapshot)
    return recorder


@pytest.mark.parametrize(
    ("ceiling_minor", "awaits", "routes", "left"),
    [
        (0, [True], ["confirmation"], False),
        (0, [False], [], False),
        (0, [], [], True),
        (None, [], [], False),
    ],
    ids=["waits", "confirmed", "no-envelope-yet", "no-ceiling"],
)
async def test_finance_confirms_the_budget_once(ceiling_minor: int | None, awaits: list[bool], routes: list[str], left: bool) -> None:
    place, recorder = region()
    budget = None if ceiling_minor is None else Budget(ceiling_minor=ceiling_minor)
    place.policy, place.call_id = place.policy.model_copy(update={"budget": budget}), "call"
    recorder.listed = [{"call_id": "another", "awaits_confirmation": True}]
    recorder.listed += [{"call_id": "call", "awaits_confirmation": waiting} for waiting in awaits]
    assert await confirm_budget(place) is left
    assert recorder.routes == routes
    assert {person for person, _, _ in recorder.requests} <= {place.actors.budget_confirmer.subject}


async def test_finance_second_approval_is_by_another_person() -> None:
    first = await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("prepared")))
    second = await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("prepared", approvals=1, approvals_needed=2)))
    assert first.routes == second.routes == ["approval"]
    assert first.requests[0][0] != second.requests[0][0]


async def test_finance_unknown_payment_is_enquired_once() -> None:
    assert (await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("unknown")))).routes == ["enquiry"]
    assert (await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("unknown", enquired_at=days_ago(1))))).routes == []


@pytest.mark.parametrize("state", ["rejected", "returned"])
async def test_finance_failed_payment_gets_account_and_next_attempt(state: str) -> None:
    case = next(case for case in ORGANISATIONS if not BEHAVIOUR.gives_up(case, 1))
    assert (await finance_requests(snapshot_of(case, disbursement(state)))).routes == ["account", "confirmation", "next-attempt"]


@pytest.mark.parametrize(("days", "routes"), [(20, ["rejection-confirmation"]), (5, [])])
async def test_finance_rejection_is_confirmed_when_overdue(days: int, routes: list[str]) -> None:
    item = disbursement("rejected", waits_for="statement-awaited", statement_day=days_ago(days)[:10])
    assert (await finance_requests(snapshot_of(ORGANISATIONS[0], item))).routes == routes


async def test_finance_contradicting_line_is_resolved() -> None:
    item = disbursement("rejected", waits_for="bank-line-open", open_line_id="line")
    assert (await finance_requests(snapshot_of(ORGANISATIONS[0], item))).routes == ["resolution"]


async def test_finance_failed_payment_of_revoked_voucher_cancelled() -> None:
    view = snapshot_of(ORGANISATIONS[0], disbursement("returned"), outcome="revoked", state="settling")
    assert (await finance_requests(view)).routes == ["cancellation"]


async def test_finance_suspended_voucher_nothing_is_paid() -> None:
    assert (
        await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("prepared"), disbursement("approved"), suspended=True))
    ).routes == []


async def test_finance_approved_already_asks_the_other_approver() -> None:
    """A changed account voids approvals, so the second approver may already have approved again."""
    here, recorder = region()
    approved = here.actors.second_approver.subject

    class Refusing(Recorder):
        async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
            await recorder.post(person, path, body, key=key)
            if person.subject == approved:
                raise Problem(403, {"code": "approved-already"})
            return {}

    here.api = Refusing()  # type: ignore[assignment]
    item = disbursement("prepared", approvals=1, approvals_needed=2)
    await Finance(here, Payees(here)).act(snapshot_of(ORGANISATIONS[0], item))
    assert [person for person, _, _ in recorder.requests] == [approved, here.actors.approver.subject]


async def test_finance_approved_payments_are_sealed_together() -> None:
    assert (await finance_requests(snapshot_of(ORGANISATIONS[0], disbursement("approved"), disbursement("approved")))).routes == ["batches"]


async def test_claim_keeps_to_intensity_and_has_all_evidence() -> None:
    place, recorder = region("be-kortrijk")
    await Beneficiaries(place, Payees(place)).act(snapshot_of(case_with_outcome(PlannedOutcome.PLAIN)))
    claims = [body for _, path, body in recorder.requests if path.endswith("/claims")]
    assert claims
    for claim in claims:
        assert claim["requested_minor"] <= claim["eligible_minor"] * place.policy.value.intensity_bp // 10_000
        assert {part["kind"] for part in claim["evidence"]} == set(place.policy.claims.evidence)


async def test_claim_is_repeated_only_after_a_rejection() -> None:
    case, (place, recorder) = case_with_outcome(PlannedOutcome.PLAIN), region()
    beneficiaries = Beneficiaries(place, Payees(place))
    parts = range(len(BEHAVIOUR.voucher_plan(case).parts))

    def claims(state: str) -> tuple[dict[str, Any], ...]:
        return tuple({"voucher_id": "v", "state": state, "payee_id": "p", "evidence": [{"reference": f"invoice-x-{n}-1"}]} for n in parts)

    await beneficiaries.act(snapshot_of(case, claims=claims("lodged")))
    assert recorder.routes == []
    await beneficiaries.act(snapshot_of(case, claims=claims("rejected")))
    assert recorder.routes == ["claims"] * len(parts)


@pytest.mark.parametrize(("answer", "route"), [(Answer.ACCEPT, ["acceptance"]), (Answer.DECLINE, ["decline"]), (Answer.NO_REPLY, [])])
async def test_offer_is_accepted_declined_or_not_answered(answer: Answer, route: list[str]) -> None:
    place, recorder = region()
    case = next(case for case in ORGANISATIONS if BEHAVIOUR.answer_to_offer(case)[0] is answer)
    await Beneficiaries(place, Payees(place)).act(snapshot_of(case, state="offered", offered_at=days_ago(20)))
    assert recorder.routes == route


@pytest.mark.parametrize(
    ("outcome", "changes", "route"),
    [
        (PlannedOutcome.EXTENDED, {}, ["extension"]),
        (PlannedOutcome.EXTENDED, {"extensions": 1}, []),
        (PlannedOutcome.SUSPENDED, {"issued_at": days_ago(20)}, ["suspension"]),
        (PlannedOutcome.SUSPENDED, {"suspended": True}, ["resumption"]),
        (PlannedOutcome.SUSPENDED, {"suspended": True, "state": "settling"}, ["resumption"]),
        (PlannedOutcome.SUSPENDED, {"suspended": True, "state": "closed"}, []),
        (PlannedOutcome.SUSPENDED, {}, []),
        (PlannedOutcome.REVOKED_REPAID, {}, ["revocation"]),
        (PlannedOutcome.PLAIN, {}, []),
    ],
)
async def test_maintenance_acts_by_the_planned_outcome(outcome: PlannedOutcome, changes: dict[str, Any], route: list[str]) -> None:
    place, recorder = region()
    await VoucherMaintenance(place).act(snapshot_of(case_with_outcome(outcome), disbursement("paid"), **changes))
    assert recorder.routes == route


def test_unfinished_work_is_named_and_empty_when_settled() -> None:
    settled = snapshot_of(ORGANISATIONS[0], disbursement("paid"), state="closed", outcome="settled")
    counts = ProgressCounts()
    counts.applications.update({"eligible": 1, "ineligible": 3})
    counts.cases.update({"granted": 1})
    assert unfinished_work(counts, settled) == []
    assert unfinished_work(counts, snapshot_of(ORGANISATIONS[0], disbursement("unknown"), state="settling")) == [
        "1 vouchers not closed",
        "1 payments neither made nor cancelled",
    ]
    counts.cases.update({"reserve": 2})
    counts.applications.update({"eligible": 2, "submitted": 1})
    assert unfinished_work(counts, settled) == ["3 applications undecided"]


@pytest.mark.parametrize(("days_before_the_end", "routes"), [(20, ["imports"]), (3, ["extension", "imports"])])
async def test_officer_extends_a_call_before_its_list_is_imported(days_before_the_end: int, routes: list[str]) -> None:
    place, recorder = region()
    place.extended_to = ProgrammeClock().now() + timedelta(days=days_before_the_end)
    place.rows.append({"row_key": "1", "organisation_id": ORGANISATIONS[0], "form": {}})
    evaluators = Evaluators(place)
    applicants = Applicants(place)
    applicants.individual.clear()
    await Officer(place, applicants, evaluators).import_list()
    assert recorder.routes == routes


async def test_applicant_gives_the_files_that_are_missing() -> None:
    """Of the questions that take a PDF, before the application is submitted."""
    place, recorder = region()
    place.file_questions = pdf_questions(BOOK.form_in_force(place.id, place.policy.scheme, place.opens_at.date()))

    async def get(person: Any, path: str, **query: Any) -> Any:
        return {"id": "a", "state": "draft", "missing": ["project.title", "extra.cost-estimate"]}

    recorder.get = get  # type: ignore[method-assign]
    await Applicants(place).submit(ORGANISATIONS[0], "a")
    assert recorder.routes == ["files", "submission"]
    assert recorder.requests[0][2] == ("pdf", {"question": "extra.cost-estimate"})


class CatalogueRecorder(Recorder):
    """A platform that knows no provider yet."""

    async def get(self, person: Any, path: str, **query: Any) -> Any:
        return {"organisations": [], "items": []}

    async def post(self, person: Any, path: str, body: Any = None, *, key: str | None = None) -> Any:
        await super().post(person, path, body, key=key)
        return {"id": ORGANISATIONS[0], "provider_id": "p"}


@pytest.mark.parametrize(("name", "registered"), [("gr-central-macedonia", LISTED), ("be-kortrijk", LISTED), ("dk-kolding", 0)])
async def test_catalogue_is_filled_where_providers_are_paid(name: str, registered: int) -> None:
    made, _ = region(name)
    made.api = recorder = CatalogueRecorder()  # type: ignore[assignment]
    await Catalogue(made).fill()
    account = ["account"] if made.buys_from_catalogue else []
    assert recorder.routes == ["organisations", "provider-registrations", "check", "approval", *account] * registered
    assert len({body["tax_number"] for _, path, body in recorder.requests if path.endswith("registrations")}) == registered
