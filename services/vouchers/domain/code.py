"""The code on a voucher, e.g. 'KRT-7F3K-92QM-5'. People read it aloud and type it."""

from uuid import UUID

from shared.kernel.errors import Refused
from shared.kernel.ids import derive_id, readable_code, typed_code

_LETTERS = 8
_NUMBERS = 32**_LETTERS


def region_prefix(region: str) -> str:
    """Three letters for a region: the first consonants of its name ('be-kortrijk' → 'KRT')."""
    name = region.partition("-")[2] or region
    return "".join(letter for letter in name if letter.isalpha() and letter not in "aeiouy")[:3].upper()


def voucher_code(voucher_id: UUID, region: str, attempt: int = 0) -> str:
    """Always the same for a voucher and an attempt. Two vouchers may get the same code (2^40 numbers): the later one takes its next
    `attempt`."""
    return readable_code(region_prefix(region), derive_id(voucher_id, "code", attempt).int % _NUMBERS, _LETTERS)


def stored_code(text: str) -> str:
    """A typed code in the stored form. Raises `Refused` wrong-code when it is none."""
    code = typed_code(text, _LETTERS)
    if code is None:
        raise Refused("wrong-code", "This is not the code of a voucher: a letter is wrong or two are swapped.", field="code")
    return code
