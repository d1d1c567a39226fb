#!/usr/bin/env bash
# py_ecc (elliptic curves of the Ethereum Foundation) changes the recursion limit of the whole process when it is imported.
#
# Expected: importing a library for signatures changes nothing outside of it.
# Happens:  `import py_ecc.bls` sets the limit to 100,000.
# Matters:  the limit is a guard of the whole process. A service that verifies one signature loses it in all its code.
# Guard:    keep the limit from before the import, and set it back after it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q py_ecc==8.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

before = sys.getrecursionlimit()
import py_ecc.bls  # noqa: E402, F401

after = sys.getrecursionlimit()
print(f"py_ecc {version('py_ecc')}: recursion limit {before} before the import, {after} after it")
sys.exit(after != 100_000)
PYTHON
