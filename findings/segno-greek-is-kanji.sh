#!/usr/bin/env bash
# segno: a Greek word in capitals becomes a code for Japanese readers.
#
# Version:  segno 1.6.6.
# Expected: letters that are not in Latin-1 are written as UTF-8, in byte mode.
# Happens:  what can be written in Shift JIS is written in the mode for Kanji. That holds for the Greek and Cyrillic letters without
#           accents, so a word in capitals has another mode than the same word with an accent or with a digit after it.
# Matters:  a reader without Kanji (small scanners have none) reads the code of one firm and not that of its neighbour. The content is
#           right where the mode is known.
# Guard:    pass encoding='utf-8' for text of people.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check segno==1.6.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import segno

print("segno", version("segno"))
for text in ("ΔΕΙΓΜΑ", "Δείγμα", "ΔΕΙΓΜΑ 7", "ЖИТО", "Łódź"):
    print(f"{text}: mode {segno.make(text, micro=False).mode}, with an encoding: {segno.make(text, micro=False, encoding='utf-8').mode}")
assert [segno.make(text, micro=False).mode for text in ("ΔΕΙΓΜΑ", "ЖИТО")] == ["kanji"] * 2
assert [segno.make(text, micro=False).mode for text in ("Δείγμα", "ΔΕΙΓΜΑ 7", "Łódź")] == ["byte"] * 3
assert {segno.make(text, micro=False, encoding="utf-8").mode for text in ("ΔΕΙΓΜΑ", "Δείγμα")} == {"byte"}
print("as described")
PYTHON
