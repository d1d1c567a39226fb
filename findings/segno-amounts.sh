#!/usr/bin/env bash
# segno: an EPC code for an amount with parts of a cent is made for another amount.
#
# Version:  segno 1.6.6.
# Expected: an amount with more than two decimals is refused, as everything else that the guideline of the EPC does not allow.
# Happens:  it is rounded, half to even: 10.555 is paid as 10.56 and 10.545 as 10.54, and the float 1.005 as 1. The float 999999999.99,
#           which the error message calls allowed, is refused.
# Matters:  a payer scans another amount than the letter says; the next one is a cent off in the other direction.
# Guard:    amounts are integers of minor units; give Decimal(minor).scaleb(-2).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check segno==1.6.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from decimal import Decimal
from importlib.metadata import version

from segno import helpers

print("segno", version("segno"))


def amount_in_code(amount) -> str:
    helpers.make_epc_qr(name="A", iban="BE68539007547034", amount=amount, text="x")  # the public way takes it
    content = helpers._make_epc_qr_data(name="A", iban="BE68539007547034", amount=amount, text="x").decode()
    return next(line for line in content.split("\n") if line.startswith("EUR"))


for amount in (Decimal("10.555"), Decimal("10.545"), 1.005):
    print(f"{amount!r} is {amount_in_code(amount)}")
assert [amount_in_code(Decimal(text)) for text in ("10.555", "10.545")] == ["EUR10.56", "EUR10.54"]
assert amount_in_code(1.005) == "EUR1"
assert amount_in_code(Decimal("999999999.99")) == "EUR999999999.99"
try:
    amount_in_code(999999999.99)
except ValueError as error:
    print("999999999.99:", error)
else:
    raise SystemExit("it is taken: the behaviour has changed")
print("as described")
PYTHON
