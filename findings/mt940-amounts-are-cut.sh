#!/usr/bin/env bash
# mt-940: a point in an amount, or an amount of more than 15 characters, is cut, and the rest becomes a reference.
#
# Version:  mt-940 5.1.1.
# Expected: 1.000,00 is one thousand, 100.55 is one hundred and 55 cents; or both are an error, as they are none of SWIFT.
# Happens:  the patterns of amounts take digits and commas, and nothing ends them: a balance of 1.000,00 is 1, a booking of 100.55 is 100 with the
#           reference '.55NTRFREF', and 1234567890123,45 loses its last digit. No error, no warning, with every option on as well.
# Matters:  some banks write points. The books are short of the cents of each booking, and a check of the balances fails, if there is one:
#           the package has none.
# Guard:    add up opening balance and bookings, and compare with the closing balance; ask for the type code right behind the amount.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mt-940==5.1.1
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import mt940

print("mt-940", version("mt-940"))


def read(balance, booking):
    text = f":20:S\n:25:ACCOUNT\n:28C:1/1\n:60F:C260301EUR{balance}\n:61:2603020302D{booking}NTRFREF\n:62F:C260302EUR0,00\n"
    [statement] = mt940.parse_statements(text, options=mt940.Options.all())
    return str(statement.data["final_opening_balance"].amount), str(statement[0].data["amount"]), statement[0].data["customer_reference"]


assert read("1000,00", "100,55") == ("1000.00 EUR", "-100.55 EUR", "REF")
cases = [("1.000,00", "100,55"), ("1000,00", "100.55"), ("1000,00", "1234567890123,45")]
for balance, booking in cases:
    print(f"written {balance} and {booking}: read {read(balance, booking)}")
assert read(*cases[0])[0] == "1 EUR"
assert read(*cases[1])[1:] == ("-100 EUR", ".55NTRFREF")
assert read(*cases[2])[1:] == ("-1234567890123.4 EUR", "5NTRFREF")
print("as described")
PYTHON
