"""Rounds of a drand beacon (scheme bls-unchained-g1-rfc9380): which instant a round is of, and whether its signature is the beacon's.

The randomness of a round is SHA-256 of its signature. The signature is a point of G1 on BLS12-381, over SHA-256 of the round's number in
eight bytes; the public key is a point of G2. A signature of a round is unique, so nobody can choose it, and nobody knows it before its
instant unless most of the beacon's operators act together.
"""

import hashlib
import sys
from datetime import UTC, datetime, timedelta

from py_ecc.bls.g2_primitives import subgroup_check
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import decompress_G1, decompress_G2
from py_ecc.optimized_bls12_381 import FQ12, G2, final_exponentiate, is_inf, neg, pairing

sys.setrecursionlimit(1_000)
"""Python's own. Importing py_ecc has set 100,000 for the whole process, with which deeply nested JSON overflows the stack and kills it."""
_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
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
    message = hashlib.sha256(number.to_bytes(8, "big")).digest()
    half = _KEY_BYTES // 2
    try:
        signed = decompress_G1(int.from_bytes(signature, "big"))
        key = decompress_G2((int.from_bytes(public_key[:half], "big"), int.from_bytes(public_key[half:], "big")))
    except ValueError:
        return False
    if is_inf(signed) or is_inf(key) or not (subgroup_check(signed) and subgroup_check(key)):
        return False
    hashed = hash_to_G1(message, _DOMAIN, hashlib.sha256)
    product = pairing(G2, signed, final_exponentiate=False) * pairing(key, neg(hashed), final_exponentiate=False)
    return bool(final_exponentiate(product) == FQ12.one())
