"""Fictional bank accounts with valid check digits, for beneficiaries and providers of the five countries.

The bank codes are not assigned to any bank (99…), so no account of the demonstration is a real one.
"""

from collections.abc import Callable

from stdnum.iso7064 import mod_11_10


def fictional_account(country: str, number: int) -> str:
    """Returns an IBAN of GR, HR, PL, DK or BE. The same number gives the same account."""
    bban = _BBAN[country](number)
    letters = "".join(str(int(letter, 36)) for letter in f"{bban}{country}00")
    return f"{country}{98 - int(letters) % 97:02d}{bban}"


def _greek(number: int) -> str:
    return f"9990001{number % 10**16:016d}"


def _croatian(number: int) -> str:
    bank, account = "999999", f"{number % 10**9:09d}"
    return bank + str(mod_11_10.calc_check_digit(bank)) + account + str(mod_11_10.calc_check_digit(account))


def _polish(number: int) -> str:
    bank = "9999999"
    weighed = sum(int(digit) * weight for digit, weight in zip(bank, (3, 9, 7, 1, 3, 9, 7), strict=True))
    return f"{bank}{-weighed % 10}{number % 10**16:016d}"


def _danish(number: int) -> str:
    return f"9999{number % 10**10:010d}"


def _belgian(number: int) -> str:
    body = 999 * 10**7 + number % 10**7
    return f"{body:010d}{body % 97 or 97:02d}"


_BBAN: dict[str, Callable[[int], str]] = {"GR": _greek, "HR": _croatian, "PL": _polish, "DK": _danish, "BE": _belgian}
