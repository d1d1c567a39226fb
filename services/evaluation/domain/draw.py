"""A draw that anyone can check and no one can influence.

* SHA-256 of a secret nonce of 32 bytes is published as soon as the call is (DrawCommitted); a call closes only after that.
* seed = SHA-256(list hash ‖ nonce ‖ randomness): the 32 bytes of the published list's hash, which holds the call's id, the 32 bytes of the
  nonce, and, where the policy asks for public randomness, its 32 bytes.
* draw key of an application = HMAC-SHA256(seed, application id): the seed's 32 bytes as the key, the id's canonical text
  (lower case, hyphens, ASCII) as the message. The smallest key comes first.

All values are given as lower-case hex.
"""

import hashlib
import hmac
from uuid import UUID


def nonce_hash(nonce: str) -> str:
    """The commitment: SHA-256 of the 32 bytes of the nonce."""
    return hashlib.sha256(bytes.fromhex(nonce)).hexdigest()


def seed_of(list_hash: str, nonce: str, randomness: str = "") -> str:
    """The seed of the draw. `randomness`: '' where the policy asks for none."""
    return hashlib.sha256(bytes.fromhex(list_hash) + bytes.fromhex(nonce) + bytes.fromhex(randomness)).hexdigest()


def draw_key(seed: str, application_id: UUID) -> str:
    """The draw key of an application; the smallest comes first."""
    return hmac.new(bytes.fromhex(seed), str(application_id).encode("ascii"), hashlib.sha256).hexdigest()
