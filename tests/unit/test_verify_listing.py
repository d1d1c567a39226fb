"""The list is computed by two independent implementations, in evaluation and in verify: they agree on every list and score sheet."""

import json
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from operations.verify import listing as theirs
from services.evaluation.domain import draw, scoring
from services.evaluation.domain.ranking import ListEntry, Listing, rank_entries
from shared.policy.sections import Evaluation
from tests.support.verify_cases import BOOK

RULES = [policy.evaluation for policy in BOOK.all() if policy.evaluation]
TIES = ("criteria-order", "lower-request", "seeded-draw")
NAMES = ("b", "a")
few = st.integers(0, 3)
entries = st.builds(
    ListEntry,
    application_id=st.uuids(version=4),
    amount_minor=st.integers(1, 5),
    requested_minor=few,
    score=few,
    criteria=st.fixed_dictionaries(dict.fromkeys(NAMES, few)),
    failed=st.sampled_from([(), (), ("below-threshold",)]),
    smallest_minor=st.sampled_from([None, None, 1, 3]),
)
lists = st.builds(
    Listing,
    call_id=st.uuids(version=4),
    selection_method=st.sampled_from(["ranking", "draw"]),
    policy_id=st.just("p"),
    currency=st.just("EUR"),
    envelope_minor=st.integers(1, 20),
    criteria=st.just(NAMES),
    ties=st.permutations(TIES).map(tuple),
    entries=st.lists(entries, max_size=8, unique_by=lambda entry: entry.application_id).map(tuple),
    when_short=st.sampled_from([None, "wait", "skip", "partial"]),
    smallest_minor=st.sampled_from([None, 2]),
)
nonces = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(lists, nonces)
def test_order_and_cut_off_are_the_same(listing: Listing, nonce: str) -> None:
    seed = theirs.seed_of(theirs.hash_of(listing.text()), nonce)
    assert seed == draw.seed_of(listing.hash(), nonce)
    assert theirs.nonce_hash_of(nonce) == draw.nonce_hash(nonce)
    ours = rank_entries(listing, seed)
    ordered = theirs.in_order(json.loads(listing.text()), seed)
    assert [entry["application_id"] for entry in ordered] == [str(each.entry.application_id) for each in ours]
    published = json.loads(listing.text())
    awards = theirs.awards_of(ordered, listing.envelope_minor, published)
    assert awards == {str(each.entry.application_id): (each.outcome, each.awarded_minor) for each in ours}


@given(lists, nonces, st.randoms())
def test_order_of_entries_in_the_list_changes_nothing(listing: Listing, nonce: str, random: Random) -> None:
    published = json.loads(listing.text())
    expected = theirs.in_order(published, theirs.seed_of(listing.hash(), nonce))
    random.shuffle(published["entries"])
    assert theirs.in_order(published, theirs.seed_of(listing.hash(), nonce)) == expected


@given(st.data(), st.sampled_from(RULES), st.integers(2, 3))
def test_result_of_score_sheets_is_the_same(data: st.DataObject, rules: Evaluation, count: int) -> None:
    sheet = st.fixed_dictionaries({criterion.id: st.integers(0, criterion.points_max) for criterion in rules.criteria})
    sheets = data.draw(st.lists(sheet, min_size=count, max_size=count))
    ours, other = scoring.evaluate(sheets, rules), theirs.result_of(sheets, rules)
    assert (other.total, other.criteria, tuple(other.failed)) == (ours.total, ours.criteria, ours.failed)
    if count == rules.evaluators_per_case:
        assert other.needs_another == scoring.needs_another([scoring.total_of(one) for one in sheets], rules)


def test_canonical_text_is_rebuilt_byte_for_byte() -> None:
    policy = next(policy for policy in BOOK.all() if policy.selection.method == "ranking")
    assert policy.evaluation is not None
    names = tuple(criterion.id for criterion in policy.evaluation.criteria)
    call_id = UUID(int=7)
    cases = tuple(ListEntry(UUID(int=n), 100 + n, 200, 7000, dict.fromkeys(names, 1), ("below-threshold",)) for n in (3, 1, 2))
    listing = Listing(call_id, "ranking", policy.id, "EUR", 1_000, names, policy.selection.ties, cases)
    call = {"id": str(call_id), "selection_method": "ranking", "policy_id": policy.id, "currency": "EUR", "envelope_minor": 1_000}
    assert theirs.list_text(call, policy, json.loads(listing.text())["entries"]) == listing.text()
