"""Detached signatures of files: both algorithms, rotation, and keys that are refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OctKey, OKPKey
from joserfc.registry import Header

from shared.identity.signatures import INVALID, MISSING, SigningKey, doubt_about, generate_signing_key, load_keys, load_signing_key, sign

HASH = "ab" * 32
SHARED = OctKey.import_key({"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "shared-1"})


@pytest.mark.parametrize("key", [generate_signing_key(), SHARED], ids=["ed25519", "hmac"])
def test_signature_is_valid_for_its_hash_and_keys_only(key: SigningKey) -> None:
    signature = sign(HASH, key)
    others = KeySet([generate_signing_key()])
    assert doubt_about(signature, HASH, KeySet([generate_signing_key(), key])) is None, "two keys while one replaces the other"
    assert doubt_about(signature, "cd" * 32, KeySet([key])) == INVALID
    assert doubt_about(signature, HASH, others) == INVALID
    assert doubt_about(None, HASH, KeySet([key])) == MISSING


@pytest.mark.parametrize(("header", "doubt"), [({"x-bank": "7", "x5c": ["A" * 900]}, None), ({"x-bank": "7", "crit": ["x-bank"]}, INVALID)])
def test_parameters_of_the_bank_are_ignored_unless_critical(header: dict[str, Any], doubt: str | None) -> None:
    class AnyHeader(jws.JWSRegistry):
        def check_header(self, header: Header) -> None:
            """As another library writes it."""

    key = generate_signing_key()
    signed = jws.serialize_compact({"alg": "Ed25519", "kid": key.kid, **header}, HASH, key, registry=AnyHeader(algorithms=["Ed25519"]))
    assert doubt_about(signed, HASH, KeySet([key])) == doubt


def test_public_key_is_no_shared_secret() -> None:
    """The classic forgery: the bank's public key, used as the secret of an HMAC under the same id."""
    key = generate_signing_key()
    public = key.as_dict(private=False)
    forged = sign(HASH, OctKey.import_key({"kty": "oct", "k": str(public["x"]), "kid": str(public["kid"])}))
    assert doubt_about(forged, HASH, KeySet.import_key_set({"keys": [public]})) == INVALID  # type: ignore[typeddict-item]


@pytest.mark.parametrize("content", [{"keys": []}, {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, {"keys": [{"kty": "RSA", "kid": "1"}]}])
def test_keys_without_id_or_of_another_kind_are_refused(tmp_path: Path, content: object) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="holds no keys"):
        load_keys(path)


def test_signing_key_without_an_id_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)))
    with pytest.raises(ValueError, match="holds no Ed25519 or HMAC key with an id"):
        load_signing_key(path)
