#!/usr/bin/env bash
# python-stdnum: the point of a NACE code is dropped wherever it stands, so that 1.5 is another activity than 01.5.
#
# Version:  python-stdnum 2.2.
# Expected: 1.5, as a spreadsheet writes 01.5, is refused or is 01.5 (mixed farming); 6.210 is refused.
# Happens:  stdnum.eu.nace removes every point before it looks: 1.5 is division 15 (leather), 0.15 is 01.5, and 6.210 is 62.10. All
#           are valid, and get_label names what they have become.
# Matters:  activity codes decide who may apply, and lists of firms come from spreadsheets, which drop the zero in front: a farm is then
#           a maker of leather goods, without an error.
# Guard:    ask for two digits before the point, and read only such a code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import stdnum
from stdnum.eu import nace

print("python-stdnum", stdnum.__version__)
for typed in ("01.5", "1.5", "0.15", "6.210"):
    print(f"{typed:6} valid: {nace.is_valid(typed)}, read as {nace.validate(typed)}: {nace.get_label(typed)}")
assert [nace.validate(typed) for typed in ("01.5", "1.5", "0.15", "6.210")] == ["015", "15", "015", "6210"]
assert nace.get_label("01.5") != nace.get_label("1.5")
print("as described")
PYTHON
