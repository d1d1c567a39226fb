"""Signatures of messages: the writer of a message is proven by its key, not by the broker that carried it.

The relay of a service signs with the service's private key. Every inbox has the public keys of all services. A service may have
several public keys at a time, so that a new key can be used before the old one is withdrawn. Keys are 32 bytes in hex (Ed25519,
RFC 8032). See docs/decisions/0016.
"""

from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.kernel.errors import TriptychError

SIGNATURE, KEY_ID = "ce_signature", "ce_keyid"
FORM = b"triptych-message-1"


class EventRefused(TriptychError):
    """The message does not come from the owner of its topic. `code` is stable: it is logged, and kept with the dead letter."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(f"{code}: {detail}")


def canonical(topic: str, key: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes that are signed: the fields below, each after its length as four bytes, big-endian.

    `FORM`; the topic; the message key; name and value of each header whose name begins with `ce_`, except the signature itself,
    ordered by name; the body. Text is UTF-8. So the order of headers does not matter, and no field can be moved into another one.
    Headers without the prefix are not signed, and no consumer reads them.
    """
    attributes = sorted((name, value) for name, value in headers.items() if name.startswith("ce_") and name != SIGNATURE)
    fields = [FORM, topic.encode(), key, *(text.encode() for attribute in attributes for text in attribute), body]
    return b"".join(part for field in fields for part in (len(field).to_bytes(4, "big"), field))


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
        """The headers with key id and signature."""
        named = {**headers, KEY_ID: self.key_id}
        return {**named, SIGNATURE: self._key.sign(canonical(topic, key, named, body)).hex()}


class PublicKeys:
    """The public keys of all services. ValueError for a malformed key, and for one that two services have."""

    def __init__(self, keys: Mapping[str, Iterable[str]]) -> None:
        self._keys: dict[str, tuple[str, Ed25519PublicKey]] = {}
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
            public_key.verify(bytes.fromhex(headers[SIGNATURE]), canonical(topic, key, headers, body))
        except (InvalidSignature, ValueError) as error:
            raise EventRefused("wrong-signature", "the signature is not that of this topic, key, body and headers") from error
        if topic != expected_topic:
            raise EventRefused("wrong-topic", f"events of this type are published to {expected_topic}")
        if signer != owner_of(expected_topic):
            raise EventRefused("foreign-signer", f"{signer} has signed an event of {owner_of(expected_topic)}")


def _id_of(public_key: str) -> str:
    """A key's id is the beginning of the key, so that it cannot be given to another one."""
    return public_key[:16].lower()
