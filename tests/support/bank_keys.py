"""The keys of both sides of the bank's channel in tests."""

import hashlib
from pathlib import Path

from joserfc.jwk import KeySet

from shared.identity.signatures import generate_signing_key, sign, signature_path

BANK_KEY, OUR_KEY = generate_signing_key(), generate_signing_key()
BANK_KEYS = KeySet.import_key_set({"keys": [BANK_KEY.as_dict(private=False)]})
OUR_KEYS = KeySet.import_key_set({"keys": [OUR_KEY.as_dict(private=False)]})


def put_signed(path: Path, data: bytes) -> None:
    """A file of the bank, its signature first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    signature_path(path).write_text(sign(hashlib.sha256(data).hexdigest(), BANK_KEY))
    path.write_bytes(data)
