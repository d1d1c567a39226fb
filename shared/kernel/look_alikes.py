"""Letters that are drawn alike: what a person types with the keyboard of another script is the same word."""

import re
import unicodedata

_LATIN = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΪϹͿАВЕКМНОРСТУХІЇЈЅԚԜҺԀҮӀЁ", "ABEZHIKMNOPTYXICJABEKMHOPCTYXIIJSQWHDYIE")
"""Greek and Cyrillic capitals that are drawn as Latin ones. Greek invoices have series with Greek letters, so these are not refused."""


_DASHES = re.compile("[\\u2010-\\u2015\\u2212_:]")


def plain_number(text: object) -> object:
    """A number as it was typed or pasted, with blanks, hyphens and digits of ASCII: for what is checked by a pattern afterwards. What is no
    text is left as it is."""
    if not isinstance(text, str):
        return text
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(_DASHES.sub("-", seen).split())


def folded(text: str) -> str:
    """Full-width and other forms of letters and digits resolved, accents and invisible signs taken away, letters as Latin capitals where
    they look so."""
    signs = (one for one in unicodedata.normalize("NFKD", text).upper() if not unicodedata.combining(one))
    plain = (str(unicodedata.decimal(sign, sign)) for sign in signs if unicodedata.category(sign) != "Cf")
    return "".join(plain).translate(_LATIN)
