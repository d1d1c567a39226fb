"""The receipt of a submitted application: its number, short enough to be read out on the phone, and what was submitted."""

import hashlib
import json

from services.applications.domain.form import Form, dump_form
from shared.kernel.ids import readable_code, typed_code

_DIGITS = 12


def receipt_number(region: str, call_number: int, sequence: int) -> str:
    """'KRT-0003-0000-0123-C': letters of the region, number of the call (unique in the platform), sequence, check character.

    The digits are read as base 32, so they appear unchanged; `check_code` verifies the number.
    """
    return readable_code(prefix_of(region), int(f"{call_number:04d}{sequence:08d}", 32), length=_DIGITS)


def typed_receipt(text: str) -> str:
    """A number as a person types it, in the stored form; what is no number comes back without the blanks around it."""
    return typed_code(text, _DIGITS) or text.strip()


def prefix_of(region: str) -> str:
    """'be-kortrijk' → 'KRT': the first three consonants of the last word. It helps people; it does not make the number unique."""
    name = region.rsplit("-", 1)[-1]
    consonants = [letter for letter in name if letter not in "aeiouy"]
    return "".join((consonants + list(name))[:3]).upper()


def content_digest(form: Form) -> str:
    """SHA-256 (64 hex digits) over the submitted answers as JSON with sorted keys and no spaces. The answer to a question for files has the
    SHA-256 of each, so the digest covers them."""
    return hashlib.sha256(json.dumps(dump_form(form), sort_keys=True, separators=(",", ":")).encode()).hexdigest()
