"""Signatures of messages: the writer of a message is proven by its key, not by the broker that carried it.

The relay of a service signs with the service's private key: a message that is sent alone, or the root of a Merkle tree over the messages
of a batch, because a signature costs more than all else that is done for a message. Every inbox has the public keys of all services.
A service may have several public keys at a time, so that a new key can be used before the old one is withdrawn. Keys are 32 bytes in
hex (Ed25519, RFC 8032). See docs/decisions/0016.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.kernel.errors import TriptychError
from shared.messaging.merkle import leaf_of, root_of, tree_of

SIGNATURE, KEY_ID, PROOF = "ce_signature", "ce_keyid", "ce_proof"
FORM, BATCH_FORM = b"triptych-message-1", b"triptych-batch-1"
ROOTS_REMEMBERED = 256
"""A consumer reads many partitions by turns, and a batch of a relay is spread over some of them."""
NAMES_REMEMBERED = 256

_LENGTH = struct.Struct(">I").pack

Message = tuple[str, bytes, Mapping[str, str], bytes]
"""Topic, key, headers and body of a message."""


class EventRefused(TriptychError):
    """The message does not come from the owner of its topic. `code` is stable: it is logged, and kept with the dead letter."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(f"{code}: {detail}")


def canonical(topic: str, key: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes that are signed: the fields below, each after its length as four bytes, big-endian.

    `FORM`; the topic; the message key; name and value of each header whose name begins with `ce_`, except signature and proof,
    ordered by name; the body. Text is UTF-8. So the order of headers does not matter, and no field can be moved into another one.
    Headers without the prefix are not signed, and no consumer reads them.
    """
    parts = [_framed([FORM, topic.encode(), key])]
    for name in sorted(headers):
        if framed := _framed_name(name):
            value = headers[name].encode()
            parts += framed, _LENGTH(len(value)), value
    return b"".join([*parts, _LENGTH(len(body)), body])


@lru_cache(NAMES_REMEMBERED)
def _framed_name(name: str) -> bytes:
    """Empty for a header that is not signed."""
    return _framed([name.encode()]) if name.startswith("ce_") and name not in (SIGNATURE, PROOF) else b""


def canonical_batch(root: bytes) -> bytes:
    """The bytes that are signed for a batch, framed in the same way: `BATCH_FORM`; the root of the Merkle tree.

    The tree is that of RFC 6962, 2.1, over the messages' signed forms: a leaf is SHA-256 of a zero byte and the form, a node is SHA-256
    of a one byte, the left and the right node; a node without a sibling moves up as it is. `ce_proof` describes the siblings on the
    way from the leaf to the root, nine at most: first for each `l` or `r`, its side, then for each its hash in hex. A message that was
    sent alone has no proof: its signature is of its own form.
    """
    return _framed([BATCH_FORM, root])


def _framed(fields: list[bytes]) -> bytes:
    parts = [b""] * (2 * len(fields))
    parts[::2], parts[1::2] = map(_LENGTH, map(len, fields)), fields
    return b"".join(parts)


def owner_of(topic: str) -> str:
    """The only service that publishes to the topic: 'applications.calls' belongs to applications."""
    return topic.partition(".")[0]


def generate_private_key() -> str:
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


class Signer:
    """Signs the messages of one service. ValueError when the private key is not 32 bytes in hex."""

    def __init__(self, service: str, private_key: str) -> None:
        self.service = service
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self.key_id = _id_of(self.public_key)

    def signed(self, topic: str, key: bytes, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers of a message that is sent alone, with key id and signature."""
        return self.signed_batch([(topic, key, headers, body)])[0]

    def signed_batch(self, messages: Sequence[Message]) -> list[dict[str, str]]:
        """The headers of each message, with key id, signature and, unless it is the only one, proof. ValueError when there are too many."""
        named = [{**headers, KEY_ID: self.key_id} for _, _, headers, _ in messages]
        forms = [canonical(topic, key, its, body) for (topic, key, _, body), its in zip(messages, named, strict=True)]
        if len(forms) <= 1:
            return [{**its, SIGNATURE: self._key.sign(form).hex()} for its, form in zip(named, forms, strict=True)]
        root, proofs = tree_of([leaf_of(form) for form in forms])
        signature = self._key.sign(canonical_batch(root)).hex()
        return [{**its, SIGNATURE: signature, PROOF: proof} for its, proof in zip(named, proofs, strict=True)]


class PublicKeys:
    """The public keys of all services. ValueError for a malformed key, and for one that two services have."""

    def __init__(self, keys: Mapping[str, Iterable[str]]) -> None:
        self._keys: dict[str, tuple[str, Ed25519PublicKey]] = {}
        self._check_root = lru_cache(ROOTS_REMEMBERED)(self._verify_root)  # it remembers no exception
        for service, its_keys in keys.items():
            for text in its_keys:
                if self._keys.setdefault(_id_of(text), (service, Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))))[0] != service:
                    raise ValueError(f"{service} and {self._keys[_id_of(text)][0]} have the same public key")

    def signer_for(self, service: str, private_key: str) -> Signer:
        """The service's signer. ValueError when its public key is not among ours: every consumer would refuse its messages."""
        signer = Signer(service, private_key)
        if self._keys.get(signer.key_id, ("", None))[0] != service:
            raise ValueError(f"the public key of the signing key is not among the public keys of {service}")
        return signer

    def check(self, topic: str, key: bytes, headers: Mapping[str, str], body: bytes, expected_topic: str) -> None:
        """EventRefused unless the message is on `expected_topic`, its contract's, and the owner of that topic has signed it as it is."""
        if not headers.get(SIGNATURE):
            raise EventRefused("unsigned", "the message has no signature")
        signer, public_key = self._keys.get(headers.get(KEY_ID, ""), ("", None))
        if public_key is None:
            raise EventRefused("unknown-key", "no service has the key that the message names")
        try:
            form, signature = canonical(topic, key, headers, body), bytes.fromhex(headers[SIGNATURE])
            if PROOF in headers:
                self._check_root(headers[KEY_ID], _root_shown(form, headers[PROOF]), signature)
            else:
                public_key.verify(signature, form)
        except (InvalidSignature, ValueError) as error:
            raise EventRefused("wrong-signature", "the signature is not that of this topic, key, body and headers") from error
        if topic != expected_topic:
            raise EventRefused("wrong-topic", f"events of this type are published to {expected_topic}")
        if signer != owner_of(expected_topic):
            raise EventRefused("foreign-signer", f"{signer} has signed an event of {owner_of(expected_topic)}")

    def _verify_root(self, key_id: str, root: bytes, signature: bytes) -> None:
        self._keys[key_id][1].verify(signature, canonical_batch(root))


def _root_shown(form: bytes, proof: str) -> bytes:
    try:
        return root_of(leaf_of(form), proof)
    except ValueError as error:
        raise EventRefused("malformed-proof", "the proof that the message is in a signed batch cannot be read") from error


def _id_of(public_key: str) -> str:
    """A key's id is the beginning of the key, so that it cannot be given to another one."""
    return public_key[:16].lower()
