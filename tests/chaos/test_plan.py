"""The campaign's plan: seeded, and with every fault in it."""

import pytest

from deploy.embedded.home import REGIONS
from shared.messaging.profile import BrokerKind
from shared.policy.loader import load_book, policy_files
from simulation.chaos.faults import FAULTS
from simulation.chaos.hurried import NUMBERS, TERMS, hurried, write_regions
from simulation.chaos.plan import LAST_SECOND, MOST, plan, possible_faults
from simulation.chaos.promises import Promise, promised

FAULTS_OF_ONE = possible_faults(BrokerKind.KAFKA, 1)


def told(seed: int, number: int) -> list[tuple[int, str, str]]:
    return [(strike.at, strike.fault.name, strike.dice.seed) for strike in plan(seed, number, FAULTS_OF_ONE)]


def test_a_round_can_be_played_again_and_is_like_no_other() -> None:
    assert told(7, 3) == told(7, 3)
    assert len({str(told(seed, number)) for seed in range(5) for number in range(20)}) == 100


def test_no_fault_is_left_out_of_as_many_rounds_as_there_are_faults() -> None:
    rounds = [plan(7, number, FAULTS_OF_ONE) for number in range(len(FAULTS_OF_ONE))]
    assert {strike.fault.name for strikes in rounds for strike in strikes} == {fault.name for fault in FAULTS_OF_ONE}
    assert all(1 <= len(strikes) <= MOST and strikes[-1].at <= LAST_SECOND for strikes in rounds)


def test_what_needs_three_brokers_is_not_drawn_where_there_is_one() -> None:
    assert not any(fault.cluster for fault in FAULTS_OF_ONE)
    assert set(FAULTS) == {fault.name for fault in possible_faults(BrokerKind.KAFKA, 3)}


def test_every_fault_says_what_it_does() -> None:
    assert all(fault.about.endswith(".") for fault in FAULTS.values())


def test_the_regions_rules_are_kept_but_for_their_terms(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("regions")
    write_regions(folder)
    short, long = ({policy.region: policy for policy in load_book(where).all()} for where in (folder, REGIONS))
    assert short.keys() == long.keys()
    for region, policy in short.items():
        assert policy.validity.value == 11
        assert policy.eligibility == long[region].eligibility
        assert policy.value == long[region].value


def test_every_term_that_is_shortened_stands_in_some_policy() -> None:
    text = "".join(path.read_text() for path in policy_files(REGIONS))
    changed = [line for line in hurried(text).splitlines() if line not in text.splitlines()]
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
def test_an_answer_is_a_promise_of_an_event(path: str, answer: dict[str, object], events: list[tuple[str, str]]) -> None:
    assert list(promised(path, answer)) == [Promise(subject, event, path) for subject, event in events]
