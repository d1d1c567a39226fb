"""List, order, cut-off, draw and queue: the same for any order of input, and checkable by anyone."""

import hashlib
import hmac
import json
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.draw import draw_key, nonce_hash, seed_of
from services.evaluation.domain.queue import decidable_sequences, later_state
from services.evaluation.domain.ranking import ListEntry, Listing, RankedEntry, cut_off, rank_entries
from services.evaluation.domain.screening import eligible_hash, holds_exactly
from services.evaluation.domain.states import QueueState
from shared.kernel.vocabulary import DecisionOutcome

GRANTED, RESERVE, REFUSED, _ = DecisionOutcome
WAITING, ELIGIBLE, INELIGIBLE, WITHDRAWN, MOVED = QueueState
NONCE = "ab" * 32
CRITERIA = ("relevance", "quality")
TIES = ("criteria-order", "lower-request", "seeded-draw")


def entry(
    number: int, score: int = 7000, amount: int = 100, *, requested: int = 100, relevance: int = 0, failed: tuple[str, ...] = ()
) -> ListEntry:
    return ListEntry(UUID(int=number), amount, requested, score, {"relevance": relevance, "quality": 0}, failed)


def listing(*entries: ListEntry, method: str = "ranking", envelope: int = 1000) -> Listing:
    return Listing(UUID(int=999), method, "policy", "EUR", envelope, CRITERIA, TIES, entries)


def ordered(of: Listing) -> list[int]:
    return [each.entry.application_id.int for each in rank_entries(of, seed_of(of.hash(), NONCE))]


entries = st.lists(
    st.builds(
        entry,
        st.integers(1, 10**9),
        st.sampled_from([6000, 7000, 7050]),
        st.integers(0, 400),
        requested=st.sampled_from([100, 200]),
        relevance=st.sampled_from([1500, 2000]),
        failed=st.sampled_from([(), (), ("below-threshold",)]),
    ),
    unique_by=lambda e: e.application_id,
    max_size=12,
)
methods = st.sampled_from(["ranking", "draw"])


@given(entries, methods, st.randoms(use_true_random=False))
def test_list_does_not_depend_on_the_input_order(given_entries: list[ListEntry], method: str, chance: object) -> None:
    shuffled = list(given_entries)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = listing(*given_entries, method=method), listing(*shuffled, method=method)
    assert one.hash() == other.hash()
    assert rank_entries(one, seed_of(one.hash(), NONCE)) == rank_entries(other, seed_of(other.hash(), NONCE))


@given(entries, st.integers(0, 1500), methods)
def test_grants_stay_within_the_envelope_in_strict_order(given_entries: list[ListEntry], envelope: int, method: str) -> None:
    ranked = rank_entries(listing(*given_entries, envelope=envelope, method=method), "00" * 32)
    granted = [each for each in ranked if each.outcome == GRANTED]
    waiting = [each for each in ranked if each.outcome == RESERVE]
    assert sum(each.entry.amount_minor for each in granted) <= envelope
    assert all(each.entry.failed for each in ranked if each.outcome == REFUSED)
    assert not any(each.entry.failed for each in granted + waiting)
    if waiting:
        assert max((each.rank for each in granted), default=0) < waiting[0].rank
        assert sum(each.entry.amount_minor for each in granted) + waiting[0].entry.amount_minor > envelope


@given(entries)
def test_each_entry_is_ranked_once_by_score(given_entries: list[ListEntry]) -> None:
    ranked: list[RankedEntry] = rank_entries(listing(*given_entries), "00" * 32)
    assert [each.rank for each in ranked] == list(range(1, len(given_entries) + 1))
    passed = [each.entry.score for each in ranked if not each.entry.failed]
    assert passed == sorted(passed, reverse=True)


def test_ties_are_broken_by_criteria_then_request_then_draw() -> None:
    better, cheaper, drawn, other = entry(4, relevance=2000), entry(3, requested=50), entry(2), entry(1)
    of = listing(other, drawn, cheaper, better)
    order = ordered(of)
    assert order[:2] == [4, 3]
    seed = seed_of(of.hash(), NONCE)
    assert order[2:] == sorted([1, 2], key=lambda number: draw_key(seed, UUID(int=number)))


def test_smaller_request_does_not_overtake_at_the_cut_off() -> None:
    assert cut_off([entry(1, amount=600), entry(2, amount=600), entry(3, amount=100)], 1000) == [GRANTED, RESERVE, RESERVE]
    assert cut_off([entry(1, amount=1000)], 1000) == [GRANTED]
    assert cut_off([entry(1, amount=600, failed=("below-threshold",)), entry(2, amount=1000)], 1000) == [REFUSED, GRANTED]


def test_draw_can_be_repeated_from_the_published_values() -> None:
    of = listing(*(entry(number) for number in range(1, 8)), method="draw")
    seed = hashlib.sha256(hashlib.sha256(of.text().encode()).digest() + bytes.fromhex(NONCE)).digest()
    names = [each["application_id"] for each in json.loads(of.text())["entries"]]
    by_hand = sorted(names, key=lambda name: hmac.new(seed, name.encode(), hashlib.sha256).hexdigest())
    assert [str(UUID(int=number)) for number in ordered(of)] == by_hand
    assert nonce_hash(NONCE) == hashlib.sha256(bytes.fromhex(NONCE)).hexdigest()


def test_canonical_list_is_fixed_to_the_byte() -> None:
    text = (
        '{"call_id":"00000000-0000-0000-0000-0000000003e7","criteria":["relevance","quality"],"currency":"EUR","entries":[{"amount_minor":100,'
        '"application_id":"00000000-0000-0000-0000-000000000001","criteria":{"quality":0,"relevance":0},"failed":[],"requested_minor":100,'
        '"score":7000}],"envelope_minor":1000,"method":"ranking","policy_id":"policy","ties":["criteria-order","lower-request","seeded-draw"]}'
    )
    assert listing(entry(1)).text() == text
    assert listing(entry(1)).hash() == hashlib.sha256(text.encode()).hexdigest()


def test_draw_depends_on_list_and_nonce() -> None:
    many = [entry(number) for number in range(1, 30)]
    assert seed_of(listing(*many).hash(), NONCE) != seed_of(listing(*many[1:]).hash(), NONCE)
    assert ordered(listing(*many, method="draw")) != [
        each.entry.application_id.int for each in rank_entries(listing(*many, method="draw"), seed_of(listing(*many).hash(), "cd" * 32))
    ]


def test_named_cases_are_recognised_despite_withdrawals() -> None:
    a, b, c, d = (UUID(int=number) for number in range(4))
    named = eligible_hash([a, b])
    assert holds_exactly([a, b], [], 2, named)
    assert not holds_exactly([a], [], 2, named)  # b has not arrived
    assert not holds_exactly([a, b, c], [], 2, named)  # c was withdrawn before, and that event has not arrived
    assert holds_exactly([a, b], [c, d], 2, named)  # withdrawn before the screening was complete
    assert holds_exactly([a], [c, b, d], 2, named)  # b withdrawn after it
    assert not holds_exactly([a], [c, d], 2, named)
    assert holds_exactly([], [], 0, eligible_hash([]))


@given(st.permutations([WAITING, ELIGIBLE, WITHDRAWN]))
def test_queue_state_does_not_depend_on_the_event_order(events: list[QueueState]) -> None:
    state: QueueState | None = None
    for reported in [*events, *events]:
        state = later_state(state, reported)
    assert state == WITHDRAWN


def test_queue_is_decidable_up_to_the_first_unscreened() -> None:
    states = {1: ELIGIBLE, 2: MOVED, 3: WITHDRAWN, 5: ELIGIBLE}
    assert decidable_sequences(states, 1) == [1, 2, 3]
    assert decidable_sequences(states | {4: WAITING}, 3) == [3]
    assert decidable_sequences({}, 1) == []


def test_queue_decides_in_sequence_for_any_arrival_order() -> None:
    for arrival in permutations(range(1, 5)):
        known: dict[int, QueueState] = {}
        decided: list[int] = []
        for sequence in arrival:
            known[sequence] = ELIGIBLE
            decided += decidable_sequences(known, len(decided) + 1)
        assert decided == [1, 2, 3, 4]
