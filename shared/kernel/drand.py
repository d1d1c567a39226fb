"""Rounds of a drand beacon (scheme bls-unchained-g1-rfc9380): which instant a round is of, and whether its signature is the beacon's.

The randomness of a round is SHA-256 of its signature. The signature is a point of G1 on BLS12-381, over SHA-256 of the round's number in
eight bytes; the public key is a point of G2. A signature of a round is unique, so nobody can choose it, and nobody knows it before its
instant unless most of the beacon's operators act together.
"""

import hashlib
from datetime import UTC, datetime, timedelta

_SIGNATURE_BYTES, _KEY_BYTES = 48, 96


def instant_of(number: int, genesis: datetime, period_seconds: int) -> datetime:
    """When the round was published. Round 1 is at the genesis."""
    return genesis + timedelta(seconds=(number - 1) * period_seconds)


def first_round_after(instant: datetime, genesis: datetime, period_seconds: int) -> int:
    """The number of the first round that is later than the instant, to the second."""
    return max(1, (instant.astimezone(UTC) - genesis) // timedelta(seconds=period_seconds) + 2)


def randomness_of(signature: bytes) -> str:
    """The randomness of the round, in hex."""
    return hashlib.sha256(signature).hexdigest()


def is_signed(number: int, signature: bytes, public_key: bytes) -> bool:
    """Whether the signature of this round is by this key. It takes a second: run it in a thread."""
    if len(signature) != _SIGNATURE_BYTES or len(public_key) != _KEY_BYTES:
        return False
    from shared.kernel.bls import is_signature  # a quarter of a second and 5 MB, for one step of few calls

    return is_signature(hashlib.sha256(number.to_bytes(8, "big")).digest(), signature, public_key)
