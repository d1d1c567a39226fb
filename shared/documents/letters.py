"""The letters that a document can show: those of the languages of Europe from left to right, of the one font that Typst brings along.

Under PDF/UA a letter without a glyph is an error, and one from right to left can end Typst in a panic; so others are written by number.
"""

import re
import unicodedata

RANGES = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2E4), (0x300, 0x36F), (0x374, 0x375), (0x37A, 0x37E), (0x384, 0x38A), (0x38C, 0x38C),
    (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x3D0, 0x3E1), (0x3F0, 0x3F6), (0x400, 0x45F), (0x462, 0x463), (0x490, 0x4C4), (0x4D0, 0x4F9),
    (0x1E00, 0x1E9B), (0x1E9E, 0x1E9E), (0x1EA0, 0x1EF9), (0x1F00, 0x1F15), (0x1F18, 0x1F1D), (0x1F20, 0x1F45), (0x1F48, 0x1F4D),
    (0x1F50, 0x1F57), (0x1F59, 0x1F59), (0x1F5B, 0x1F5B), (0x1F5D, 0x1F5D), (0x1F5F, 0x1F7D), (0x1F80, 0x1FB4), (0x1FB6, 0x1FC4),
    (0x1FC6, 0x1FD3), (0x1FD6, 0x1FDB), (0x1FDD, 0x1FEF), (0x1FF2, 0x1FF4), (0x1FF6, 0x1FFE), (0x2002, 0x200A), (0x2010, 0x2027),
    (0x202F, 0x2037), (0x2039, 0x203E), (0x2044, 0x2044), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A4, 0x20A4), (0x20AC, 0x20AC),
    (0x2116, 0x2116), (0x2122, 0x2122), (0x2153, 0x215E), (0x2190, 0x2199), (0x2202, 0x2202), (0x2206, 0x2206), (0x220F, 0x220F),
    (0x2211, 0x2212), (0x221A, 0x221A), (0x221E, 0x221E), (0x222B, 0x222B), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
    (0x25A0, 0x25A1), (0x25C6, 0x25C7), (0x25CB, 0x25CC), (0x25CF, 0x25CF), (0xFFFD, 0xFFFD),
)  # fmt: skip
"""First and last code point that Libertinus Serif has, regular and bold; `tests/unit/test_documents.py` writes each of them."""
LONGEST_WORD, LONGEST_CELL_WORD = 40, 16
MOST_MARKS = 4
"""On one letter. The time that Typst needs for a letter grows with the square of their number."""
_LETTERS = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in RANGES)
_MARK = "[\u0300-\u036f\u0483-\u0487]"
_OTHER = re.compile(f"[^\\n{_LETTERS}]|(?<={_MARK * MOST_MARKS}){_MARK}")
_DIGEST = re.compile("[0-9a-f]{64}")
_INVISIBLE = "Cf"
"""The category of Unicode of marks that show nothing: joiners, soft hyphens, changes of direction."""
BREAK = "\u200b"


def legible(text: str) -> str:
    """The text with [U+...] for each letter that the font does not have, and without marks that show nothing."""
    return _OTHER.sub(lambda found: f"[U+{ord(found[0]):04X}]", _composed(text))


def is_legible(text: str) -> bool:
    """Whether the font has every letter of it."""
    return _OTHER.search(_composed(text)) is None


def breakable(text: str, longest: int = LONGEST_WORD) -> str:
    """With places at which a word that is too long for a line may be broken; a digest fits."""
    return re.sub(rf"\S{{{longest + 1},}}", lambda word: _broken(word[0], longest), text)


def _broken(word: str, longest: int) -> str:
    if _DIGEST.fullmatch(word) and longest == LONGEST_WORD:
        return word
    return BREAK.join(word[start : start + longest] for start in range(0, len(word), longest))


def _composed(text: str) -> str:
    seen = "".join(letter for letter in text if unicodedata.category(letter) != _INVISIBLE)
    return unicodedata.normalize("NFC", seen.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
