"""Signatures BLS on BLS12-381 that are points of G1 (RFC 9380 for the hash to the curve)."""

import hashlib
import sys

from py_ecc.bls.g2_primitives import subgroup_check
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import decompress_G1, decompress_G2
from py_ecc.optimized_bls12_381 import FQ12, G2, final_exponentiate, is_inf, neg, pairing

sys.setrecursionlimit(1_000)
"""Python's own. Importing py_ecc has set 100,000 for the whole process, with which deeply nested JSON overflows the stack and kills it."""
DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


def is_signature(message: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether `signature` (48 bytes) of the message is by this key (96 bytes). It takes a second."""
    half = len(public_key) // 2
    try:
        signed = decompress_G1(int.from_bytes(signature, "big"))
        key = decompress_G2((int.from_bytes(public_key[:half], "big"), int.from_bytes(public_key[half:], "big")))
    except ValueError:
        return False
    if is_inf(signed) or is_inf(key) or not (subgroup_check(signed) and subgroup_check(key)):
        return False
    hashed = hash_to_G1(message, DOMAIN, hashlib.sha256)
    product = pairing(G2, signed, final_exponentiate=False) * pairing(key, neg(hashed), final_exponentiate=False)
    return bool(final_exponentiate(product) == FQ12.one())
