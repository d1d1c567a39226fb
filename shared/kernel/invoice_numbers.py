"""Numbers of invoices and of tax payers as they are compared, whatever way they were typed."""

import re
import unicodedata

from shared.kernel.ids import keyed_hash
from shared.kernel.vocabulary import RelationKind

COMPARABLE = "2:"
"""What the keyed hash of an issuer begins with. Those from before are of the number as it was typed: they are compared with none."""
_LOOK_ALIKE = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΪϹͿАВЕКМНОРСТУХІЇЈЅԚԜҺԀҮӀЁ", "ABEZHIKMNOPTYXICJABEKMHOPCTYXIIJSQWHDYIE")
"""Greek and Cyrillic capitals that are drawn as Latin ones. Greek invoices have series with Greek letters, so these are not refused."""
OTHERS = re.compile(r"[^A-Z0-9\u0391-\u03a9\u0410-\u042f\u00c6\u00d8\u0110\u0141\u0152]")
_COUNTRIES = re.compile(
    "(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI|CH|NO|IS|LI|RS|BA|ME|MK|AL|TR|UA)"
    r"(?=.*\d)"
)
"""VAT prefixes of the European Union (Directive 2006/112/EC, Article 215, with EL for Greece) and of its neighbours."""


def number_key(reference: str) -> str:
    """The number by which its spellings are found: Latin, Greek and Cyrillic letters and digits alone, in lower case.

    Letters that look alike are one letter, accents and signs are left out, and so are letters of other scripts (see `is_number`).
    """
    return OTHERS.sub("", folded(reference)).casefold()


def tax_number_key(text: str) -> str:
    """A tax number as it is compared: letters and digits, without the prefix of the country."""
    plain = number_key(text).upper()
    prefix = _COUNTRIES.match(plain)
    return plain[2:] if prefix else plain


def issuer_hash(hash_key: bytes, tax_number: str) -> str:
    """The keyed hash by which issuers are compared: that of the relation 'tax-number' (`shared.classifications.identity_keys`), without
    zeros before the number, which is written both ways."""
    return COMPARABLE + keyed_hash(hash_key, RelationKind.TAX_NUMBER, tax_number_key(tax_number).lstrip("0"))


def folded(text: str) -> str:
    """Full-width and other forms of letters and digits resolved, accents taken away, letters as Latin capitals where they look so."""
    signs = unicodedata.normalize("NFKD", text).upper()
    plain = (str(unicodedata.decimal(sign, sign)) for sign in signs if not unicodedata.combining(sign))
    return "".join(plain).translate(_LOOK_ALIKE)
