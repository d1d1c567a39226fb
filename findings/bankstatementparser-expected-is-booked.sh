#!/usr/bin/env bash
# bankstatementparser: an expected debit of an MT940 or MT942 (mark ED) is given as one that is booked.
#
# Version:  bankstatementparser 0.0.29.
# Expected: EC and ED are expected movements (SWIFT, field 61, subfield 3): nothing is booked yet, as with a pending entry of a camt.052.
# Happens:  the rows of ED and D are equal but for the reference, there is no column that parts them, and the sum of the rows has both.
# Matters:  a payment that the bank announces counts as paid; when it is booked, it counts twice.
# Guard:    look at the mark in the file itself, and leave out what begins with E.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check bankstatementparser==0.0.29
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

from bankstatementparser import Mt940Parser

print("bankstatementparser", version("bankstatementparser"))
Path("statement.sta").write_text(
    ":20:S\n:25:ACCOUNT\n:28C:1/1\n:60F:C260301EUR500,00\n:61:2603020302D100,00NTRFONE\n:86:Rent\n"
    ":61:2603020302ED100,00NTRFTWO\n:86:Rent\n:62F:C260302EUR400,00\n-\n"
)
booked, expected = Mt940Parser("statement.sta").parse().to_dict("records")
print(booked, expected, sep="\n")
assert {name for name in booked if booked[name] != expected[name]} == {"transaction_id"}
assert booked["amount"] + expected["amount"] == -200, "the balances in the file say -100"
print("as described")
PYTHON
