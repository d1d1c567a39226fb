"""Merkle trees: one hash stands for many messages, and a short proof shows that a message is among them.

The tree is that of RFC 6962, 2.1. A leaf and a node are hashed with different first bytes, so that no message can be passed off as a
node. A node without a sibling moves up as it is.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

LONGEST_PROOF = 9
"""In steps: that of a tree of 512 leaves. `BATCH_SIZE` of the relay may not be larger."""
HASH = 32
"""Bytes of a hash."""
SHARED_STEPS = 5
"""The last steps to the root: sixteen neighbours and more take them together, so they are computed once."""
WAYS_REMEMBERED = 1024


def leaf_of(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def tree_of(leaves: Sequence[bytes]) -> tuple[bytes, list[str]]:
    """The root, and the proof of each leaf. ValueError without leaves, or with too many.

    A proof describes the siblings on the way from the leaf to the root: first for each `l` or `r`, its side, then for each its hash in hex.
    """
    if not 1 <= len(leaves) <= 2**LONGEST_PROOF:
        raise ValueError(f"a tree of {len(leaves)} leaves")
    level, levels = list(leaves), []
    while len(level) > 1:
        levels.append([node.hex() for node in level])
        nodes = [_node_of(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = nodes + level[2 * len(nodes) :]
    sides, hashes = [""], [""]  # from the root down: a node's way is the one of its parent, with its own sibling before it
    for nodes_in_hex in reversed(levels):
        siblings = [number ^ 1 if number ^ 1 < len(nodes_in_hex) else None for number in range(len(nodes_in_hex))]
        sides = [("" if at is None else "lr"[at % 2]) + sides[number >> 1] for number, at in enumerate(siblings)]
        hashes = [("" if at is None else nodes_in_hex[at]) + hashes[number >> 1] for number, at in enumerate(siblings)]
    return level[0], [side + hash for side, hash in zip(sides, hashes, strict=True)]


def root_of(leaf: bytes, proof: str) -> bytes:
    """The root of the tree in which `proof` shows the leaf. ValueError unless it is a proof of 1 to `LONGEST_PROOF` steps."""
    count = len(proof) // (1 + 2 * HASH)
    sides, hashes = proof[:count], bytes.fromhex(proof[count:])
    if not 1 <= count <= LONGEST_PROOF or sides.strip("lr") or len(hashes) != count * HASH or len(proof) != count * (1 + 2 * HASH):
        raise ValueError("not a proof")
    own = max(0, count - SHARED_STEPS)
    return _climbed_before(_climbed(leaf, sides[:own], hashes[: own * HASH]), sides[own:], hashes[own * HASH :])


def _climbed(node: bytes, sides: str, hashes: bytes) -> bytes:
    for number, side in enumerate(sides):
        sibling = hashes[number * HASH : (number + 1) * HASH]
        node = _node_of(sibling, node) if side == "l" else _node_of(node, sibling)
    return node


_climbed_before = lru_cache(WAYS_REMEMBERED)(_climbed)


def _node_of(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
