#!/usr/bin/env bash
# pydantic: a duration of a month is taken, and is thirty days; one of a year is 365.
#
# Versions: pydantic 2.14.3, msgspec 0.22.0.
# Expected: P1M is refused where a timedelta is asked for, since a month has no fixed length; msgspec refuses it.
# Happens:  P1M is timedelta(days=30), P6M 180 days, P1Y 365 days. Written out again P6M is P180D.
# Matters:  a voucher that is valid for six months from 30 June ends on 27 December and not on 30 December, without an error.
# Guard:    a term is a number and a unit of its own, counted by a calendar; durations are hours, days and weeks.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3 msgspec==0.22.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from datetime import timedelta
from importlib.metadata import version

import msgspec
from pydantic import TypeAdapter

term = TypeAdapter(timedelta)
print("pydantic", version("pydantic"), "msgspec", version("msgspec"))
for typed in ("P1M", "P6M", "P1Y"):
    print(f"pydantic reads {typed} as {term.validate_python(typed)}, and writes {term.dump_json(term.validate_python(typed)).decode()}")
    try:
        print("msgspec reads it as", msgspec.convert(typed, timedelta))
    except msgspec.ValidationError as error:
        print("msgspec:", error)
    else:
        raise SystemExit("msgspec takes it: the behaviour has changed")
assert [term.validate_python(typed).days for typed in ("P1M", "P6M", "P1Y")] == [30, 180, 365]
assert term.dump_json(timedelta(days=180)) == b'"P180D"'
print("as described")
PYTHON
