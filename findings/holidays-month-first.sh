#!/usr/bin/env bash
# holidays: the calendar of a European country reads 05.06.2026 as 6 May, and 25.06.2026 as 25 June.
#
# Version:  holidays 0.109.
# Expected: a date as it is written in the country (Denmark: 05.06.2026 is 5 June, Constitution Day), or an error for a text that is no
#           ISO date.
# Happens:  the month comes first wherever that is possible, and the day where it is not: 05.06.2026 is no holiday in Denmark and
#           06.05.2026 is one, while 25.12.2026 and 12.25.2026 are the same day. Nothing says how the text was read.
# Matters:  a list of days that was typed in a region gives a working day for a holiday and the reverse, and only for the first twelve
#           days of a month.
# Guard:    pass dates and never texts.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check holidays==0.109
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from datetime import date

import holidays

DENMARK = holidays.country_holidays("DK", years=2026, language="en_US", categories=("public", "optional"))
print("holidays", holidays.__version__)
for typed in ("05.06.2026", "06.05.2026", "25.12.2026", "12.25.2026"):
    print(f"{typed} in Denmark:", DENMARK.get(typed))
assert DENMARK.get(date(2026, 6, 5)) == "Constitution Day"
assert DENMARK.get("05.06.2026") is None and DENMARK.get("06.05.2026") == "Constitution Day"
assert DENMARK.get("25.12.2026") == DENMARK.get("12.25.2026") == DENMARK.get(date(2026, 12, 25))
print("as described")
PYTHON
