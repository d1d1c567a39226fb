"""The plan of a campaign: seeded, and with every fault in it. Also the short policies and the acknowledged writes."""

from itertools import islice

import pytest

from deploy.embedded.data_directory import REGIONS
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from shared.messaging.profile import BrokerKind
from shared.policy.loader import load_book, policy_files
from simulation.chaos.acknowledged_writes import AcknowledgedWrite, acknowledged_writes
from simulation.chaos.faults import FAULTS
from simulation.chaos.plan import LAST_SECOND, MAX_FAULTS, plan_round, possible_faults
from simulation.chaos.short_policies import NUMBERS, TERMS, shorten, write_regions
from simulation.chaos.workload import ROWS, sample_rows
from simulation.demo.published_operations import TargetCall
from simulation.demo.seeded_random import SeededRandom

FAULTS_OF_ONE = possible_faults(BrokerKind.KAFKA, 1)


def planned(seed: int, number: int) -> list[tuple[int, str, str]]:
    return [(each.at, each.fault.name, each.random.seed) for each in plan_round(seed, number, FAULTS_OF_ONE)]


def test_plan_same_seed_repeats_and_rounds_differ() -> None:
    assert planned(7, 3) == planned(7, 3)
    assert len({str(planned(seed, number)) for seed in range(5) for number in range(20)}) == 100


def test_plan_as_many_rounds_as_faults_inject_every_fault() -> None:
    rounds = [plan_round(7, number, FAULTS_OF_ONE) for number in range(len(FAULTS_OF_ONE))]
    assert {each.fault.name for faults in rounds for each in faults} == {fault.name for fault in FAULTS_OF_ONE}
    assert all(1 <= len(faults) <= MAX_FAULTS and faults[-1].at <= LAST_SECOND for faults in rounds)


def test_plan_one_broker_has_no_cluster_faults() -> None:
    assert not any(fault.cluster for fault in FAULTS_OF_ONE)
    assert set(FAULTS) == {fault.name for fault in possible_faults(BrokerKind.KAFKA, 3)}


def test_fault_has_a_description() -> None:
    assert all(fault.description.endswith(".") for fault in FAULTS.values())


def test_short_policies_keep_all_rules_but_the_terms(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("regions")
    write_regions(folder)
    short, real = list(load_book(folder).all()), sorted(load_book(REGIONS).all(), key=lambda policy: policy.effective_from)
    real = [policy for policy in real if policy.voucher_types is None and policy.benefit is None]
    first, long = {policy.region: policy for policy in reversed(real)}, {policy.region: policy for policy in real}
    assert sorted(policy.region for policy in short) == sorted(long)  # of each scheme the newest one
    for policy in short:
        region = policy.region
        assert policy.effective_from == first[region].effective_from
        assert policy.retention == long[region].retention
        assert policy.budget is not None, "finance confirms the budget of each call"
        assert policy.validity.value == 11
        assert policy.eligibility == long[region].eligibility
        assert policy.value == long[region].value


def test_short_policies_have_the_forms_that_they_ask_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Else every application of a campaign is ineligible, and nothing is played."""
    folder = tmp_path_factory.mktemp("regions")
    write_regions(folder)
    book = load_book(folder)
    for policy in book.all():
        today = policy.effective_from
        target = TargetCall(policy, book.form_in_force(policy.region, policy.scheme, today), today)
        forms = [read_form(row["form"]) for row in islice(sample_rows(policy, target, SeededRandom("7")), ROWS)]
        assert sum(not assess(policy, form, today).failed for form in forms) > ROWS // 2, policy.id


def test_short_policies_every_shortened_term_is_in_a_policy() -> None:
    text = "".join(path.read_text() for path in policy_files(REGIONS))
    changed = [line for line in shorten(text).splitlines() if line not in text.splitlines()]
    assert {line.split(" = ")[0] for line in changed} == {path.rpartition(".")[2] for path in (*TERMS, *NUMBERS)}


A, B = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(("path", "answer", "events"), [
    (f"/api/vouchers/vouchers/{A}/acceptance", {"id": A}, [(A, "VoucherAccepted")]),
    (f"/api/payments/claims/{A}/acceptance", {}, [(A, "ClaimAccepted")]),
    ("/api/payments/claims", {"claim_id": B}, [(B, "ClaimLodged")]),
    ("/api/payments/batches", {"batches": [{"batch_id": B}], "skipped": []}, [(B, "BatchSealed")]),
    (
        "/api/applications/imports",
        {"results": [{"outcome": "submitted", "application_id": A}, {"outcome": "refused", "code": "x"}]},
        [(A, "ApplicationSubmitted")],
    ),
    ("/api/payments/payees", {"payee_id": A}, []),
])  # fmt: skip
def test_acknowledged_writes_of_an_answer_name_its_events(path: str, answer: dict[str, object], events: list[tuple[str, str]]) -> None:
    assert list(acknowledged_writes(path, answer)) == [AcknowledgedWrite(subject, event, path) for subject, event in events]
