#!/usr/bin/env bash
# CEL for Python: size() of a text counts bytes, and integers beyond 64 bits become equal to their neighbours.
#
# Version:  common-expression-language 0.10.0.
# Expected: size('é') is 1, since the language defines it as the number of code points; a Python integer that does not fit into 64 bits is
#           refused, as a literal in an expression is, and as a sum that leaves them is.
# Happens:  size('é') is 2. A variable of 10**20 is a fraction, so that x == y holds for 10**20 and 10**20 + 1.
# Matters:  a rule 'at most 40 letters' refuses Greek names of 21; a bound on a number that somebody mistyped passes.
# Guard:    size() for lists only; refuse integers beyond 64 bits before they become variables.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check common-expression-language==0.10.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import cel

print("common-expression-language", version("common-expression-language"))
for text in ("e", "é", "Δ", "中"):
    print(f"size('{text}') is {cel.evaluate('size(x)', {'x': text})}")
assert [cel.evaluate("size(x)", {"x": text}) for text in ("e", "é", "Δ", "中")] == [1, 2, 2, 3]
large = 10**20
print("10**20 == 10**20 + 1:", cel.evaluate("x == y", {"x": large, "y": large + 1}))
assert cel.evaluate("x == y", {"x": large, "y": large + 1}) is True
for expression, raised in ((f"{large} > 1", ValueError), ("x + 1 > 1", OverflowError)):
    try:
        cel.evaluate(expression, {"x": 2**63 - 1})
    except raised as error:
        print(f"{expression}:", type(error).__name__)
    else:
        raise SystemExit("no error: the behaviour has changed")
print("as described")
PYTHON
