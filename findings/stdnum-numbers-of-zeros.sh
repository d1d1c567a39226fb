#!/usr/bin/env bash
# python-stdnum: the tax number of zeros alone is valid in Greece and Poland, and in no other of five countries.
#
# Version:  python-stdnum 2.2.
# Expected: zeros alone, which no office gives as a number, are refused for every country, as they are for three of these five.
# Happens:  stdnum.gr.vat and stdnum.pl.nip accept their length in zeros; stdnum.hr.oib, stdnum.dk.cvr and stdnum.be.vat refuse it.
#           stdnum.pl.nip also accepts ten ones. stdnum.get_cc_module(country, "vat") gives these modules.
# Matters:  a form checked by the package takes what people type to get past a field, and all who do so are one firm.
# Guard:    refuse a number of one digit only, besides the check of the package.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import stdnum

LENGTHS = {"GR": 9, "HR": 11, "PL": 10, "DK": 8, "BE": 10}
found = {country: stdnum.get_cc_module(country, "vat").is_valid("0" * length) for country, length in LENGTHS.items()}
ones = stdnum.get_cc_module("PL", "vat").is_valid("1" * 10)
print("python-stdnum", stdnum.__version__)
for country, valid in found.items():
    print(country, "0" * LENGTHS[country], "valid" if valid else "refused")
print("PL", "1" * 10, "valid" if ones else "refused")
assert found == {"GR": True, "HR": False, "PL": True, "DK": False, "BE": False}
assert ones
print("as described")
PYTHON
