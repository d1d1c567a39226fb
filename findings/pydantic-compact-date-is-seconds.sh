#!/usr/bin/env bash
# pydantic: a date without hyphens, which ISO 8601 calls the basic format, is read as seconds since 1970.
#
# Version:  pydantic 2.14.3.
# Expected: 20260101 is 1 January 2026, or is refused.
# Happens:  as a datetime it is 23 August 1970, 11:48:21 UTC, because a text of digits is taken for a number of seconds. As a date it is
#           refused, but 86400 is 2 January 1970. `strict=True` refuses these dates, and reads the datetime all the same.
# Matters:  dates come from spreadsheets and other systems in this form. A deadline of 1970 is over, and no error says why.
# Guard:    a validator before the type that refuses digits alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from datetime import UTC, date, datetime

import pydantic
from pydantic import TypeAdapter, ValidationError

moment, day = TypeAdapter(datetime), TypeAdapter(date)
print("pydantic", pydantic.VERSION)
for typed in ("20260101", "2026-01-01"):
    print(f"datetime {typed:10} is read as", moment.validate_python(typed))
assert moment.validate_python("20260101") == datetime(1970, 8, 23, 11, 48, 21, tzinfo=UTC)
assert day.validate_python("86400") == date(1970, 1, 2)
for strict in (False, True):
    try:
        print("date 20260101 is read as", day.validate_json('"20260101"', strict=strict))
    except ValidationError as error:
        print(f"date 20260101 (strict: {strict}):", error.errors()[0]["type"])
    else:
        raise SystemExit("it was refused before: the behaviour has changed")
print("datetime 20260101 (strict) is read as", moment.validate_json('"20260101"', strict=True))
assert moment.validate_json('"20260101"', strict=True) == moment.validate_python("20260101")
print("as described")
PYTHON
