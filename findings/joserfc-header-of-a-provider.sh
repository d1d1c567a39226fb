#!/usr/bin/env bash
# joserfc: a signed token is refused for what its provider adds to the header.
#
# Version:  joserfc 1.8.0.
# Expected: parameters that are not understood are ignored unless `crit` names them (RFC 7515, section 4), and a certificate in `x5c`,
#           which is a parameter of the RFC, is taken.
# Happens:  a parameter of the provider's own raises UnsupportedHeaderError, also when it only signs. With `x5c` of a usual certificate
#           the header is longer than 512 bytes, which raises ExceededSizeError before anything is looked at.
# Matters:  a sign-in that works with one provider fails with another, and after a change of its settings with the same one.
# Guard:    a registry with strict_check_header=False and a larger max_header_length, and a refusal of `crit` of one's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check joserfc==1.8.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import base64
import json
from importlib.metadata import version

from joserfc import jws
from joserfc.errors import ExceededSizeError, UnsupportedHeaderError
from joserfc.jwk import ECKey

print("joserfc", version("joserfc"))
key = ECKey.generate_key("P-256", auto_kid=True)


class Tolerant(jws.JWSRegistry):
    max_header_length = 8192


def outcome(header: dict, registry=None) -> str:
    signed = jws.serialize_compact(header, b"{}", key, registry=Tolerant(strict_check_header=False))
    try:
        jws.deserialize_compact(signed, key, registry=registry)
    except (UnsupportedHeaderError, ExceededSizeError) as error:
        return f"{type(error).__name__}: {error}"
    return "valid"


plain = {"alg": "ES256", "kid": key.kid}
private, certificate = plain | {"ver": "2"}, plain | {"x5c": [base64.b64encode(bytes(700)).decode()]}
for name, header in {"plain": plain, "a parameter of its own": private, "a certificate of 700 bytes": certificate}.items():
    print(f"{name}: {outcome(header)}")
assert outcome(plain) == "valid"
assert outcome(private).startswith("UnsupportedHeaderError") and outcome(certificate).startswith("ExceededSizeError")
assert {outcome(header, Tolerant(strict_check_header=False)) for header in (private, certificate)} == {"valid"}
print("as described")
PYTHON
