#!/usr/bin/env bash
# orjson: an integer beyond 64 bits is read as a fraction, although the same number is refused when it is written.
#
# Versions: orjson 3.13.0, msgspec 0.22.0.
# Expected: 18446744073709551617 (2 to the 64th, and one) is read as that integer, as json and msgspec do, or is an error, as in `dumps`.
# Happens:  `loads` gives the float 1.8446744073709552e+19, which is another number, without an error. `dumps` of the integer raises
#           "Integer exceeds 64-bit range".
# Matters:  numbers that are identifiers (a reference of 20 digits that somebody did not quote) change their last digits on the way
#           through a service.
# Guard:    identifiers are texts; a model with a bounded integer refuses what is left.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check orjson==3.13.0 msgspec==0.22.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import json
from importlib.metadata import version

import msgspec
import orjson

TEXT = str(2**64 + 1)
print("orjson", version("orjson"), "msgspec", version("msgspec"))
for name, read in {"json": json.loads, "msgspec": msgspec.json.decode, "orjson": orjson.loads}.items():
    print(f"{name} reads {TEXT} as {read(TEXT)!r}")
assert json.loads(TEXT) == msgspec.json.decode(TEXT) == 2**64 + 1
assert orjson.loads(TEXT) == float(2**64) and isinstance(orjson.loads(TEXT), float)
assert orjson.loads(str(2**64 - 1)) == 2**64 - 1
try:
    orjson.dumps(2**64 + 1)
except TypeError as error:
    print("orjson writes it:", error)
else:
    raise SystemExit("it is written: the behaviour has changed")
print("as described")
PYTHON
