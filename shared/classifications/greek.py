"""Greek in Latin letters, as passports and registers have it.

Source: ELOT 743, second edition (ISO 843:1997, type 2), which Greek passports follow: 'ου' is 'ou', 'αυ' is 'av' or 'af', 'γγ' is 'ng',
'μπ' at the beginning or end of a word is 'b'. Single letters are left to the caller's transliteration, which writes them as ELOT does.
"""

import re
import unicodedata

_DIAERESIS = "\u0308"
"""Keeps two vowels apart: 'αϋ' is no 'αυ'."""
_VOICED = "αβγδεζηιλμνορυω"
_RULES = (
    (re.compile(rf"([αεη])υ(?!\u0308)(?=[{_VOICED}])"), r"\1v"),
    (re.compile(r"([αεη])υ(?!\u0308)"), r"\1f"),
    (re.compile(r"γγ"), "ng"),
    (re.compile(r"γξ"), "nx"),
    (re.compile(r"γχ"), "nch"),
    (re.compile(r"\bμπ|μπ\b"), "b"),
    (re.compile(r"ου(?!\u0308)"), "ou"),
)


def is_greek(text: str) -> bool:
    """Whether a letter of the text is Greek."""
    return any("\u0370" <= sign <= "\u03ff" or "\u1f00" <= sign <= "\u1fff" for sign in text)


def romanised(text: str) -> str:
    """The text with its pairs of Greek letters in Latin ones, in small letters without accents; unchanged without Greek."""
    if not is_greek(text):
        return text
    signs = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(one for one in signs if not unicodedata.combining(one) or one == _DIAERESIS)
    for pattern, latin in _RULES:
        plain = pattern.sub(latin, plain)
    return plain.replace(_DIAERESIS, "")
