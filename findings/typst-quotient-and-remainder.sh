#!/usr/bin/env bash
# Typst: quotient and remainder of a negative number do not fit together.
#
# Version:  typst 0.15.2.
# Expected: calc.quo(a, b) * b + calc.rem(a, b) is a, as in every language that has both.
# Happens:  the quotient is rounded down, the remainder has the sign of the dividend: of -7 and 2 they are -4 and -1, which make -9. The
#           pair calc.div-euclid and calc.rem-euclid fits.
# Matters:  a template that writes minor units as whole and part (a correction of -2.50: calc.quo by 100, calc.rem by 100) prints -3 and
#           -50.
# Guard:    write amounts as text before they reach a template, or use the Euclidean pair on the absolute value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import json
from importlib.metadata import version

import typst

print("typst", version("typst"))


def value(expression: str):
    return json.loads(typst.query(f"#metadata({expression}) <it>".encode(), "<it>", field="value", one=True))


for a, b in ((7, 2), (-7, 2), (-250, 100)):
    quotient, remainder = value(f"calc.quo({a}, {b})"), value(f"calc.rem({a}, {b})")
    print(f"{a} by {b}: quotient {quotient}, remainder {remainder}, together {quotient * b + remainder}")
    assert (quotient * b + remainder == a) is (a > 0)
    assert value(f"calc.div-euclid({a}, {b})") * b + value(f"calc.rem-euclid({a}, {b})") == a
assert [value("calc.quo(-250, 100)"), value("calc.rem(-250, 100)")] == [-3, -50]
print("as described")
PYTHON
