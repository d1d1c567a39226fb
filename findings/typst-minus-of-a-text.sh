#!/usr/bin/env bash
# Typst: the text of a negative number begins with a sign that is no hyphen, so it cannot be read back.
#
# Version:  typst 0.15.2.
# Expected: str(-5) is "-5", and int(str(-5)) is -5; a copy from the PDF is a number again.
# Happens:  str(-5) begins with U+2212. Typst's own int() reads it; Python, JSON and a spreadsheet do not. repr(-5) has the hyphen.
# Matters:  a table of corrections that is copied from a PDF, or a QR code that is made of str(amount), is text where a number is wanted.
# Guard:    format amounts outside of the template; repr() for what a machine reads.
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


for expression in ("str(-5)", "str(-2.5)", "repr(-5)"):
    text = value(expression)
    print(f"{expression} is {text} with", f"U+{ord(text[0]):04X}")
assert value("str(-5)") == "\u22125" and value("repr(-5)") == "-5"
assert value("int(str(-5))") == -5
try:
    int(value("str(-5)"))
except ValueError as error:
    print("Python:", error)
else:
    raise SystemExit("it is a number: the behaviour has changed")
print("as described")
PYTHON
