#!/usr/bin/env bash
# mt-940: what the bank says of the whole statement, in a field :86: behind the closing balance, becomes a text of the last booking.
#
# Version:  mt-940 5.1.1.
# Expected: a field :86: behind :62F: is about the statement (SWIFT, MT940, field 86 at its end); the last booking keeps its own words.
# Happens:  every :86: belongs to the booking before it, however many fields lie between, with every option on as well: its details are both
#           texts, and a reference in the second one is found in it.
# Matters:  one booking of each such statement is matched by words that are not its own.
# Guard:    read the text of a booking up to the next field that is no :86:, or drop what a statement says at its end before parsing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mt-940==5.1.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import mt940

print("mt-940", version("mt-940"))
TEXT = (
    ":20:S\n:25:ACCOUNT\n:28C:1/1\n:60F:C260301EUR500,00\n:61:2603020302D100,00NTRFREF\n:86:Rent of March\n"
    ":62F:C260302EUR400,00\n:64:C260302EUR400,00\n:86:From April the fee of this account is EUR 5\n"
)
[statement] = mt940.parse_statements(TEXT, options=mt940.Options.all())
details = statement[0].data["transaction_details"]
print(f"details of the only booking: {details!r}")
assert details == "Rent of March\nFrom April the fee of this account is EUR 5"
print("as described")
PYTHON
