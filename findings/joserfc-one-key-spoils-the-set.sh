#!/usr/bin/env bash
# joserfc: one key with a use of its own spoils the whole key set, although a key of an unknown type is left out.
#
# Version:  joserfc 1.8.0.
# Expected: keys that are not understood are ignored (RFC 7517, section 5), whatever is new in them: the type, the `use`, which section
#           4.2 leaves open to other values, or the curve.
# Happens:  an unknown `kty` is left out. An unknown `use` or operation raises KeyParameterError for the whole set, an unknown curve a
#           KeyError that is no error of the library.
# Matters:  a provider that begins to publish a key for something else (TLS, federation) ends all sign-ins, and the error names no key.
# Guard:    import key by key, leave out what fails, and write down which.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check joserfc==1.8.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

print("joserfc", version("joserfc"))
good = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True).as_dict(private=False)
OTHERS = {
    "an unknown type": {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "kid": "other"},
    "for encryption": good | {"kid": "other", "use": "enc"},
    "for another use": good | {"kid": "other", "use": "tls"},
    "for an operation of its own": {name: value for name, value in good.items() if name != "use"} | {"kid": "other", "key_ops": ["attest"]},
    "an unknown curve": good | {"kid": "other", "crv": "P-1"},
}


def outcome(other: dict) -> str:
    try:
        return f"{len(KeySet.import_key_set({'keys': [good, other]}).keys)} keys"
    except (JoseError, KeyError) as error:
        return f"{type(error).__name__}: {error}"


outcomes = {name: outcome(other) for name, other in OTHERS.items()}
for name, end in outcomes.items():
    print(f"a good key and one that is {name}: {end}")
assert [outcomes[name] for name in list(OTHERS)[:2]] == ["1 keys", "2 keys"]
assert all("Error" in outcomes[name] for name in list(OTHERS)[2:])
print("as described")
PYTHON
