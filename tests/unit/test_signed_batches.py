"""One signature for a batch of messages: each is proven by its place in the batch, and none by the place of another."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.envelope import Delivery
from shared.messaging.merkle import LONGEST_PROOF, leaf_of, tree_of
from shared.messaging.relay import BATCH_SIZE
from shared.messaging.signature import PROOF, ROOTS_REMEMBERED, SIGNATURE, PublicKeys, canonical
from tests.support.event_keys import PUBLIC_KEYS, SIGNERS, signed, signed_together
from tests.unit.test_signature import HEADERS, TOPIC, code_of

APPLICATIONS = SIGNERS["applications"]
SIZES = [1, 2, 3, 5, BATCH_SIZE]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


def message(number: int) -> Delivery:
    return Delivery(TOPIC, f"key-{number}".encode(), {**HEADERS, "ce_id": str(number)}, b"{}")


def batch(size: int) -> list[Delivery]:
    return signed_together([message(number) for number in range(size)], APPLICATIONS)


def proof(delivery: Delivery, text: str) -> Delivery:
    return replace(delivery, headers={**delivery.headers, PROOF: text})


@pytest.mark.parametrize("size", SIZES)
def test_every_message_of_a_batch_is_accepted(size: int) -> None:
    messages = batch(size)
    assert {code_of(it) for it in messages} == {""}
    assert {code_of(it) for it in reversed(messages)} == {""}
    assert len({it.headers[SIGNATURE] for it in messages}) == 1


def test_message_sent_alone_is_signed_as_before_batches() -> None:
    assert batch(1) == [signed(message(0))]
    assert PROOF not in batch(1)[0].headers


def test_batch_of_nothing_and_of_too_many() -> None:
    assert batch(0) == []
    with pytest.raises(ValueError, match="513"):
        batch(2**LONGEST_PROOF + 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("at", ["first", "last"])
def test_changed_message_is_refused_and_the_others_pass(size: int, at: str) -> None:
    messages = batch(size)
    number = 0 if at == "first" else size - 1
    it = messages[number]
    for altered in (
        replace(it, body=b'{"a":1}'),
        replace(it, key=b"other"),
        replace(it, topic="applications.applications"),
        replace(it, headers={**it.headers, "ce_actor": "officer-2"}),
        replace(it, headers={**it.headers, "ce_added": ""}),
    ):
        assert code_of(altered, expected_topic=altered.topic) == "wrong-signature"
    assert {code_of(other) for other in (*messages[:number], *messages[number + 1 :])} <= {""}


FIRST, SECOND, THIRD, FOURTH, FIFTH = batch(5)
OF_FIRST = FIRST.headers[PROOF]
SIDES, HASHES = OF_FIRST[:3], [OF_FIRST[at : at + 64] for at in (3, 67, 131)]


def steps(sides: str, hashes: list[str]) -> str:
    return "".join([sides, *hashes])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SECOND.headers[PROOF], "wrong-signature"),
        (steps("lrr", HASHES), "wrong-signature"),
        (steps("rr", HASHES[1:]), "wrong-signature"),
        (steps("rr", HASHES[:-1]), "wrong-signature"),
        (steps("rrrr", HASHES + HASHES[-1:]), "wrong-signature"),
        (steps("r" * LONGEST_PROOF, HASHES * 3), "wrong-signature"),
        (steps("r" * (LONGEST_PROOF + 1), HASHES * 3 + HASHES[:1]), "malformed-proof"),
        (OF_FIRST[:-1], "malformed-proof"),
        (OF_FIRST[:-2], "malformed-proof"),
        (OF_FIRST + "r", "malformed-proof"),
        (steps("mrr", HASHES), "malformed-proof"),
        (steps("rmr", HASHES), "malformed-proof"),
        (steps("r", ["x" * 64]), "malformed-proof"),
        (steps("r", ["0" * 62 + "  "]), "malformed-proof"),
        (OF_FIRST + "\n", "malformed-proof"),
        ("", "malformed-proof"),
    ],
    ids=[
        "of another message",
        "other side",
        "first step gone",
        "last step gone",
        "step repeated",
        "longest",
        "too long",
        "digit cut",
        "byte cut",
        "step begun",
        "no side",
        "no side in the middle",
        "no hex",
        "spaces",
        "line feed",
        "empty",
    ],
)
def test_other_proof_is_refused(text: str, code: str) -> None:
    assert code_of(proof(FIRST, text)) == code


def test_root_of_another_signer_is_refused() -> None:
    by_payments = signed_together([message(number) for number in range(5)], SIGNERS["payments"])
    assert {code_of(it) for it in by_payments} == {"foreign-signer"}
    named = [replace(it, headers={**it.headers, "ce_keyid": APPLICATIONS.key_id}) for it in by_payments]
    assert {code_of(it) for it in named} == {"wrong-signature"}
    assert code_of(replace(FIRST, headers={**FIRST.headers, SIGNATURE: by_payments[0].headers[SIGNATURE]})) == "wrong-signature"


def test_signature_of_one_form_is_none_of_the_other() -> None:
    """A batch's signature does not prove a message without its proof, nor a message's signature a batch; no node is a message."""
    alone = signed(message(0))
    without = {name: value for name, value in FIRST.headers.items() if name != PROOF}
    assert code_of(replace(FIRST, headers=without)) == "wrong-signature"
    assert code_of(proof(alone, OF_FIRST)) == "wrong-signature"
    left, right = (leaf_of(canonical(it.topic, it.key, it.headers, it.body)) for it in (FIRST, SECOND))
    assert leaf_of(left + right) != tree_of([left, right])[0]


def test_signature_of_a_batch_is_checked_once() -> None:
    keys, forged = PublicKeys(PUBLIC_KEYS), replace(FIRST, body=b"forged")
    for it in (FIRST, SECOND, THIRD, FOURTH, FIFTH, forged, forged):
        code_of(it, keys)
    remembered = keys._check_root.cache_info()
    assert (remembered.hits, remembered.misses, remembered.currsize) == (4, 3, 1)
    for number in range(ROOTS_REMEMBERED):
        code_of(signed_together([message(number), message(number + 1)], APPLICATIONS)[0], keys)
    assert keys._check_root.cache_info().currsize == ROOTS_REMEMBERED


PARTS = st.tuples(TEXT, st.binary(max_size=5), st.dictionaries(TEXT.map("ce_x{}".format), TEXT), st.binary(max_size=5))


@given(st.lists(PARTS, max_size=20, unique_by=repr))
def test_batch_of_any_messages_proves_each_at_its_place(parts: list[tuple[str, bytes, dict[str, str], bytes]]) -> None:
    messages = signed_together([Delivery(TOPIC + topic, *rest) for topic, *rest in parts], APPLICATIONS)
    assert {code_of(it, expected_topic=it.topic) for it in messages} <= {""}
    for it, other in itertools.pairwise(messages):
        moved = proof(it, other.headers[PROOF])
        assert code_of(moved, expected_topic=moved.topic) == "wrong-signature"


def test_tree_is_that_of_rfc_6962() -> None:
    """Roots of the first leaves of the test vector of Certificate Transparency, each of another shape."""
    leaves = [leaf_of(bytes.fromhex(it)) for it in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    roots = {number: tree_of(leaves[:number])[0].hex() for number in (1, 2, 3, 7)}
    assert roots == {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    }
