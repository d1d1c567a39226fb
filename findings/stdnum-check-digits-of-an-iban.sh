#!/usr/bin/env bash
# python-stdnum: an IBAN is valid with check digits that no IBAN can have.
#
# Version:  python-stdnum 2.2.
# Expected: check digits are 02 to 98 (ISO 13616: 98 minus a remainder of 97), so 00, 01 and 99 are refused.
# Happens:  only the remainder of the whole number is compared, and 00, 01 and 99 have that of 97, 98 and 02. One account has two valid
#           numbers then. LEI (ISO 17442) and creditor references (ISO 11649) have the same rule and the same answer.
# Matters:  a bank refuses the transfer, or holds the second spelling for another account.
# Guard:    compare the check digits with 02 and 98 after the library's verdict.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import stdnum
from stdnum import iban, iso11649, lei
from stdnum.iso7064 import mod_97_10

print("python-stdnum", stdnum.__version__)


def numbers(country: str, length: int, wanted: str) -> str:
    """The first national number that has these check digits."""
    return next(f"{n:0{length}}" for n in range(1000) if mod_97_10.calc_check_digits(f"{n:0{length}}{country}") == wanted)


for right, odd in (("97", "00"), ("98", "01"), ("02", "99")):
    account = numbers("DK", 14, right)
    print(f"DK{right}{account}: {iban.is_valid(f'DK{right}{account}')}, DK{odd}{account}: {iban.is_valid(f'DK{odd}{account}')}")
    assert iban.is_valid(f"DK{right}{account}") and iban.is_valid(f"DK{odd}{account}")
    reference = numbers("RF", 9, right)
    assert iso11649.is_valid(f"RF{right}{reference}") and iso11649.is_valid(f"RF{odd}{reference}")
firm = next(n for n in range(1000) if mod_97_10.calc_check_digits(f"5493{n:014}") == "97")
assert lei.is_valid(f"5493{firm:014}97") and lei.is_valid(f"5493{firm:014}00")
print("as described")
PYTHON
