"""Detached signatures of files: beside NAME lies NAME.sig, a JWS (RFC 7515) whose content is the SHA-256 of the file's bytes.

Ed25519 by a private key, or HMAC-SHA-256 by a shared secret (RFC 7518 HS256). A key has an id, so that two are valid while one replaces
the other.
"""

import json
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OctKey, OKPKey

from shared.identity.headers import Headers
from shared.kernel.files import open_file

SUFFIX = ".sig"
MISSING, INVALID = "signature-missing", "signature-invalid"
_ALGORITHMS = {"OKP": "Ed25519", "oct": "HS256"}
_LARGEST = 10_000
SigningKey = OKPKey | OctKey


def generate_signing_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True, auto_kid=True)


def load_signing_key(path: Path) -> SigningKey:
    """A private key, or a shared secret, as a JWK with an id. `ValueError` for anything else."""
    content = json.loads(path.read_text())
    if "kid" not in content or content.get("kty") not in _ALGORITHMS:
        raise ValueError(f"{path} holds no Ed25519 or HMAC key with an id (a JWK with kty OKP or oct, and kid)")
    return OKPKey.import_key(content) if content["kty"] == "OKP" else OctKey.import_key(content)


def load_keys(path: Path) -> KeySet:
    """The keys that signatures are checked with, by id: a JWKS. `ValueError` when there is none, or one of another kind."""
    content: KeySetSerialization = json.loads(path.read_text())
    kinds = {key.get("kty") for key in content["keys"]}
    if not kinds or not kinds <= _ALGORITHMS.keys() or not all(key.get("kid") for key in content["keys"]):
        raise ValueError(f"{path} holds no keys, or one that is not Ed25519 or HMAC with an id")
    return KeySet.import_key_set(content)


def sign(sha256: str, key: SigningKey) -> str:
    """The signature over the hash (hex): the same hash and key give the same text."""
    algorithm = _ALGORITHMS[key.key_type]
    return jws.serialize_compact({"alg": algorithm, "kid": key.kid}, sha256, key, algorithms=[algorithm])


def doubt_about(signature: str | None, sha256: str, keys: KeySet) -> str | None:
    """None for a valid signature of this hash by one of the keys; else why not."""
    if signature is None:
        return MISSING
    try:
        content = jws.deserialize_compact(signature.strip(), keys, registry=Headers(list(_ALGORITHMS.values())))
    except (JoseError, ValueError, TypeError):
        return INVALID
    return None if content.headers().get("kid") and content.payload == sha256.encode() else INVALID


def signature_path(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def read_signature(path: Path) -> str | None:
    """The signature beside the file; None when there is none, or something else in its place. A link is not followed."""
    try:
        with open_file(signature_path(path)) as file:
            return file.read(_LARGEST).decode("ascii", "replace")
    except OSError:
        return None
