"""Ids: time-ordered for what begins here, derived for what follows from something that has an id already."""

import hashlib
import hmac
import re
import secrets
import time
from uuid import UUID

from shared.kernel.look_alikes import folded


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of real milliseconds, then random bits, so ids made later sort later."""
    return _stamp((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80), version=7)


def derive_id(parent: UUID, *names: object) -> UUID:
    """The id that `names` have under `parent`: the same input always gives the same id (UUIDv8, SHA-256).

    Used wherever a repetition must find what the first try made: awards, vouchers, reservations, attempts.
    """
    digest = hashlib.sha256(parent.bytes + "\x1f".join(str(name) for name in names).encode())
    return _stamp(int.from_bytes(digest.digest()[:16]), version=8)


def region_id(region: str) -> UUID:
    """The id of a region as the subject of an event."""
    return derive_id(UUID(int=0), "region", region)


_EVALUATORS = UUID("6f0b1d4e-6f7f-8a51-9d0c-2f1f7a7f0a21")


def evaluator_subject(region: str, evaluator_id: str) -> UUID:
    """The subject of acts that concern an evaluator of a region."""
    return derive_id(_EVALUATORS, region, evaluator_id)


def _stamp(bits: int, version: int) -> UUID:
    bits &= ~(0xF << 76) & ~(0x3 << 62) & (1 << 128) - 1
    return UUID(int=bits | version << 76 | 0x2 << 62)


def keyed_hash(key: bytes, kind: str, value: str) -> str:
    """What an event may carry of a tax number, address or owner: comparable across services, not readable.

    HMAC-SHA256 over kind and the value without spaces, in lower case; 32 hex digits.
    """
    plain = "".join(value.split()).casefold()
    return hmac.new(key, f"{kind}\x1f{plain}".encode(), hashlib.sha256).hexdigest()[:32]


# Letters that are not mistaken for one another when read aloud or copied by hand (Crockford's set): 32, with 37 checks.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _ALPHABET + "*~$=U"
SIGNS = "*~$="
"""Check characters that are no letters: who cannot type one leaves it out."""
_LOOK_ALIKE = str.maketrans("OIL", "011")


def readable_code(prefix: str, number: int, length: int = 8) -> str:
    """A code people can read out, e.g. 'KRT-7F3K-92QM-5': `number` in `length` letters, groups of four, a check character.

    The check character (modulo 37) finds every single wrong letter and every swap of neighbours.
    """
    letters, rest = "", number
    for _ in range(length):
        rest, digit = divmod(rest, 32)
        letters = _ALPHABET[digit] + letters
    groups = [letters[i : i + 4] for i in range(0, length, 4)]
    return "-".join([prefix, *groups, _CHECKS[_value(letters) % 37]])


def check_code(code: str) -> bool:
    """Whether the check character fits; case, and O/I/L for 0/1/1, are forgiven."""
    _, *groups = code.upper().split("-")
    letters = "".join(groups[:-1]).translate(_LOOK_ALIKE)
    if not letters or not groups[-1] or any(letter not in _ALPHABET for letter in letters):
        return False
    return groups[-1] == _CHECKS[_value(letters) % 37]


_PREFIX = 3
"""Letters of a region before a code, at most."""
_SPACED = re.compile(r"[\s\-‐‑‒–—.·/_«»„“”\"']+")


def typed_code(text: str, *lengths: int) -> str | None:
    """A code as a person types it, in the form of `readable_code`: any case, hyphens or blanks anywhere or nowhere, O for 0, I and L for 1,
    a check character of `SIGNS` left out, letters of a Greek or Cyrillic keyboard that look so. None when it has none of the `lengths` of
    letters, or its check character does not fit."""
    plain = _SPACED.sub("", folded(text))
    for length in lengths:
        for check in (plain[-1:], *SIGNS):
            body = plain[:-1] if check == plain[-1:] else plain
            prefix, letters = body[:-length], body[-length:].translate(_LOOK_ALIKE)
            code = "-".join([prefix, *(letters[i : i + 4] for i in range(0, length, 4)), check])
            if len(prefix) <= _PREFIX and prefix.isascii() and prefix.isalpha() and len(letters) == length and check_code(code):
                return code
    return None


def _value(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 32 + _ALPHABET.index(letter)
    return value
