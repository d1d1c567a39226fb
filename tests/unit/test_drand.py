"""Rounds of a drand beacon: a published round of the chain "quicknet", and what is wrong about others."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.drand import first_round_after, instant_of, is_signed, randomness_of

KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
GENESIS, PERIOD = datetime.fromtimestamp(1_692_803_367, UTC), 3
SIGNATURE = bytes.fromhex("b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39")
RANDOMNESS = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"


def test_published_round_is_signed_by_its_chain() -> None:
    assert is_signed(1000, SIGNATURE, KEY)
    assert randomness_of(SIGNATURE) == RANDOMNESS


@pytest.mark.parametrize(
    ("number", "signature", "key"),
    [
        (1001, SIGNATURE, KEY),
        (1000, SIGNATURE[:-1] + b"\x38", KEY),
        (1000, SIGNATURE[:-1], KEY),
        (1000, bytes(48), KEY),
        (1000, b"\xc0" + bytes(47), KEY),  # the point at infinity
        (1000, SIGNATURE, b"\xc0" + bytes(95)),
        (1000, b"\xc0" + bytes(47), b"\xc0" + bytes(95)),
        (1000, SIGNATURE, KEY[:48]),
    ],
    ids=["other-round", "changed", "short", "no-point", "infinity", "key-at-infinity", "both-at-infinity", "half-a-key"],
)
def test_what_the_chain_has_not_signed_is_no_proof(number: int, signature: bytes, key: bytes) -> None:
    assert not is_signed(number, signature, key)


def test_rounds_follow_one_another_from_the_genesis() -> None:
    assert instant_of(1, GENESIS, PERIOD) == GENESIS
    assert instant_of(1000, GENESIS, PERIOD) == GENESIS + timedelta(seconds=2997)


@pytest.mark.parametrize(("after", "number"), [(-9, 1), (0, 2), (2.999, 2), (3, 3), (3.001, 3), (2996.9, 1000), (2997, 1001)])
def test_first_round_after_an_instant_is_later_than_it(after: float, number: int) -> None:
    instant = GENESIS + timedelta(seconds=after)
    assert first_round_after(instant, GENESIS, PERIOD) == number
    assert instant_of(number, GENESIS, PERIOD) > instant
    assert number == 1 or instant_of(number - 1, GENESIS, PERIOD) <= instant


def test_deep_json_does_not_end_a_process_that_verifies() -> None:
    """In a process of its own: it would take this one with it."""
    code = "import json, shared.kernel.bls\ntry: json.loads('[' * 500_000)\nexcept RecursionError: print('refused')"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "refused\n")
