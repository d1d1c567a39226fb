"""Domestic account numbers as people write them, in the form that the bank's files need."""

import re

_SEPARATED = re.compile(r"(\d{1,4})[ .-]+([\d ]{1,13})")
_DIGITS = re.compile(r"\d{11,14}")
_POLISH = re.compile(r"\d{26}")
_REGISTRATION, _ACCOUNT = 4, 10


def written_account(number: str, profile: str) -> str:
    """A Danish number with its registration number, filled up with zeros; a Polish number of 26 digits as its IBAN. Any other number stays
    as it is: nothing is guessed.

    Sources: Finans Danmark (registration number of four digits, account number of at most ten, filled up from the left); the Polish NRB is
    the IBAN without its country (PN-F-01102). `profile`: its name in `[bank] profile`.
    """
    if profile == "DK_DOMESTIC":
        return _danish(" ".join(number.split())) or number
    digits = re.sub(r"[\s-]", "", number)
    return f"PL{digits}" if profile == "PL_DOMESTIC" and _POLISH.fullmatch(digits) and digits.isascii() else number


def _danish(number: str) -> str | None:
    """Without a separator the first four digits are the registration number; fewer than eleven digits may lack it."""
    if not number.isascii():
        return None
    if found := _SEPARATED.fullmatch(number):
        registration, account = found[1], found[2].replace(" ", "")
        is_whole = 0 < len(account) <= _ACCOUNT
        return registration.zfill(_REGISTRATION) + account.zfill(_ACCOUNT) if is_whole else None
    digits = number.replace(" ", "")
    return digits[:_REGISTRATION] + digits[_REGISTRATION:].zfill(_ACCOUNT) if _DIGITS.fullmatch(digits) else None
