"""The keys of the embedded stack, made at the first start: of `people`, which alone signs access tokens, and of what is simulated.

The services know only the address of the public keys, an issuer and an audience.
"""

import json
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from deploy.embedded.data_directory import BankKeys
from shared.identity.signatures import generate_signing_key, load_signing_key

ISSUER = "triptych-embedded"
AUDIENCE = "triptych"
ALGORITHM = "ES256"


def generate_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)


def public_keys(*keys: ECKey) -> str:
    """Returns the JWKS document (RFC 7517) with the public halves of the keys."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False))


def load_key(path: Path) -> ECKey:
    return ECKey.import_key(json.loads(path.read_text()))


def ensure_key(path: Path, jwks: Path) -> ECKey:
    """Returns the private key stored at `path`, creating it if needed, and writes its public half to `jwks`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(generate_key().as_dict(private=True)))
    key = load_key(path)
    jwks.parent.mkdir(parents=True, exist_ok=True)
    jwks.write_text(public_keys(key))
    return key


def ensure_provider_key(path: Path) -> None:
    """Makes the key of the demonstration's identity provider at the first start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        path.write_text(json.dumps(key.as_dict(private=True)))


def ensure_bank_keys(keys: BankKeys) -> None:
    """Makes the key pairs of the bank's channel at the first start: ours, and that of the simulated bank."""
    for private, public in ((keys.ours, keys.our_public), (keys.banks, keys.banks_public)):
        if not private.exists():
            private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private.touch(mode=0o600)
            private.write_text(json.dumps(generate_signing_key().as_dict(private=True)))
        public.write_text(json.dumps(KeySet([load_signing_key(private)]).as_dict(private=False)))


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims, without a look at the signature. Raises ValueError when it is no token with an id and an end."""
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
        return {**claims, "jti": str(claims["jti"]), "exp": float(claims["exp"])}
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError("this is not a token with an id and an end") from error
