"""Numbers of invoices and of tax payers as they are compared, whatever way they were typed."""

import re

from shared.kernel.ids import keyed_hash
from shared.kernel.look_alikes import folded, plain_number
from shared.kernel.vocabulary import RelationKind

COMPARABLE = "2:"
"""What the keyed hash of an issuer begins with. Those from before are of the number as it was typed: they are compared with none."""
OTHERS = re.compile(r"[^A-Z0-9\u0391-\u03a9\u0410-\u042f\u00c6\u00d8\u0110\u0141\u0152]")
_COUNTRIES = re.compile(
    "(AT|BE|BG|CY|CZ|DE|DK|EE|EL|EΛ|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI|CHE|CH|NO|IS|LI|RS|BA|ME|MK|AL|TR|UA)"
    r"(?=.*\d)"
)
"""VAT prefixes of the European Union (Directive 2006/112/EC, Article 215, with EL for Greece, also in Greek letters) and of its
neighbours."""
_NUMBERS = r"CVR|NIP(?:[\W_]*UE)?|AFM|A[.]?Φ[.]?M|OIB|KBO|BCE|KRS"
_NAMES = (
    rf"{_NUMBERS}|VAT|TVA|BTW|IVA|PDV|MOMS|MWST|UST|SE(?=[\W_]*N(?:UMME)?R)|ONDERNEMINGS(?=N)|TIN"
    r"|TAX(?=[\W_]*(?:ID|N))|POREZNI(?=[\W_]*BROJ)|(?:D['’]?)?ENTREPRISE"
)
_LABEL = re.compile(rf"^(?:(?:N[OR]?)?(?:EU)?(?:{_NAMES})(?:REG)?(?:ID)?(?:NO|NR|NUMBER|NUMMER|BROJ)?(?=[A-ZΛ]{{0,6}}\d)|NR(?=\d))")
_TYPED_LABEL = re.compile(
    rf"[\W_]*(?:N[OR]?[\W_]+(?=[A-Z]))?((?:[A-Z]{{2}}|EΛ)?)[\W_]*(?:EU[\W_]*)?(?:{_NAMES})[\W_]*(?:REG[\W_]*)?(?:ID[\W_]*)?"
    r"(?:NO|NR|NUMBER|NUMMER|BROJ)?[\W_]*(?=(?:[A-ZΛ][\W_]*){0,6}\d)"
)
"""What people call the number, and write before it: 'NIP 676-000-00-00', 'CVR-nr. 13585628', 'BTW BE 0400.000.097', 'ΑΦΜ 123456783',
'N° TVA BE 0400.000.097', 'Ondernemingsnummer 0400.000.097'."""
_REGISTER_BEFORE = re.compile(r"[\W_]*RP[RM]\b\D*?(?=(?:BE[\W_]*)?\d)")
_REGISTER_AFTER = re.compile(rf"(?<=\d)[\W_]+(?:(?:RP[RM]|KRS|REGON)\b.*|(?:{_NUMBERS})[\W_]*(?:NO|NR|NUMBER|NUMMER|BROJ)?[\W_]*)$")
"""A register's name around the number, with its court or its own number: 'BE 0403.170.701 RPR Kortrijk', '13585628 (CVR)'."""
_TAX_SIGNS = re.compile("(MWST|TVA|IVA|MVA)$")
"""What Swiss and Norwegian numbers end with where the firm is registered for VAT."""


def number_key(reference: str) -> str:
    """The number by which its spellings are found: Latin, Greek and Cyrillic letters and digits alone, in lower case.

    Letters that look alike are one letter, accents and signs are left out, and so are letters of other scripts (see `is_number`).
    """
    return OTHERS.sub("", folded(reference)).casefold()


def tax_number_key(text: str) -> str:
    """A tax number as it is compared: letters and digits, without the prefix of the country and without what the number is called."""
    plain = _LABEL.sub("", number_key(_without_register(folded(text))).upper(), count=1)
    prefix = _COUNTRIES.match(plain)
    plain = _LABEL.sub("", plain[len(prefix[0]) :], count=1) if prefix else plain
    return _TAX_SIGNS.sub("", plain) if any(sign.isdigit() for sign in plain) else plain


def without_label(text: str) -> str:
    """The number as it was typed, without what it is called and without its register: 'PL676…' for 'PL NIP 676…'. In it, Greek letters
    that look so are Latin."""
    seen = folded(text)
    plain = _without_register(seen)
    found = _TYPED_LABEL.match(plain)
    if found is not None:
        return f"{found[1]}{plain[found.end() :]}"
    return text if plain == seen else plain


def _without_register(seen: str) -> str:
    return _REGISTER_AFTER.sub("", _REGISTER_BEFORE.sub("", seen, count=1), count=1)


def typed_number(text: object) -> object:
    """A tax number as it was typed or pasted, for what is checked by a pattern afterwards: with blanks, hyphens and digits of ASCII,
    without what it is called."""
    return plain_number(without_label(text)) if isinstance(text, str) else text


def issuer_hash(hash_key: bytes, tax_number: str) -> str:
    """The keyed hash by which issuers are compared: that of the relation 'tax-number' (`shared.classifications.identity_keys`), without
    zeros before the number, which is written both ways."""
    return COMPARABLE + keyed_hash(hash_key, RelationKind.TAX_NUMBER, tax_number_key(tax_number).lstrip("0"))
