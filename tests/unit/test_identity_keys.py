"""Spellings of one person, firm, number or domain. Source: cases of the rules, "Keys that differ by spelling"."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.classifications.identity_keys import domain_key, firm_key, person_key, relation_hash
from shared.kernel.vocabulary import RelationKind

KEY = b"a key of the tests"
SAME = [
    ("tax-number", "EL123456783", "123456783", "GR 123 456 783", "EL-123456783", "el123456783"),
    ("tax-number", "676-000-00-00", "6760000000", "PL6760000000"),
    ("tax-number", "BE 0400.000.097", "0400000097", "400.000.097"),
    ("employer", "BE 0400.000.097", "be0400000097"),
    ("owner", "Γιώργος Δείγμας", "ΓΙΩΡΓΟΣ ΔΕΙΓΜΑΣ", "Δείγμας Γιώργος", "Giorgos Deigmas"),
    ("owner", "José Primjer", unicodedata.normalize("NFD", "José Primjer"), "jose\u200b primjer", "ＪＯＳＥ primjer"),
    ("owner", "Łukasz Przykład-Wzór", "Lukasz Przyklad Wzor"),
    ("employer", "Przykład Sp. z o.o.", "PRZYKŁAD sp z o.o", "Przyklad sp. zoo", "Przykład Spółka z ograniczoną odpowiedzialnością"),
    ("employer", "Δείγμα Α.Ε.", "ΔΕΙΓΜΑ ΑΕ", "Δείγμα ΑΝΩΝΥΜΗ ΕΤΑΙΡΙΑ"),
    ("employer", "Primjer d.o.o.", "PRIMJER J.D.O.O.", "primjer"),
    ("employer", "Eksempel A/S", "Eksempel AS", "Eksempel ApS"),
    ("employer", "Voorbeeld BV", "Voorbeeld b.v.", "BV Voorbeeld"),
    ("e-mail-domain", "mail.studio.example", "studio.example", "a.person@Mail.Studio.Example"),
    ("address", "Sample Street 1 48000 Koprivnica HR", "SAMPLE STREET 1, 48000 Koprivnica, HR"),
]


@pytest.mark.parametrize(("kind", "first", "others"), [(kind, first, others) for kind, first, *others in SAME])
def test_spellings_have_one_key(kind: str, first: str, others: list[str]) -> None:
    assert {relation_hash(KEY, kind, other) for other in others} == {relation_hash(KEY, kind, first)} != {None}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("tax-number", "EL123456783", "EL123456784"),
        ("owner", "Γιώργος Δείγμας", "Γιώργος Δειγματίδης"),
        ("employer", "Casa", "Ca"),  # ends as a legal form does, and is none
        ("employer", "Studio Fond", "Studio"),
        ("employer", "Sample d.o.o.", "Sample Two d.o.o."),
        ("e-mail-domain", "one.com.gr", "other.com.gr"),
    ],
)
def test_others_have_another_key(kind: str, one: str, other: str) -> None:
    assert relation_hash(KEY, kind, one) != relation_hash(KEY, kind, other)


@pytest.mark.parametrize("domain", ["gmail.com", "wp.pl", "otenet.gr", "somebody@telenet.be", "net.hr", "GMX.de"])
def test_public_mail_provider_is_no_tie(domain: str) -> None:
    assert relation_hash(KEY, RelationKind.E_MAIL_DOMAIN, domain) is None


def test_name_that_is_a_legal_form_keeps_it() -> None:
    assert firm_key("S.A.") == "sa"
    assert person_key("") == firm_key(" . ") == ""


WORDS = st.text("abcdeéłøγδώžščABCDEÉŁØΓΔΏŽŠČ", min_size=3, max_size=9)
NAMES = st.lists(WORDS.filter(lambda word: firm_key(f"Name {word}") != "name"), min_size=2, max_size=4)
"""Without words that are a legal form, as 'DØØ' is: such a one counts for nothing at the end of a name alone."""


@given(NAMES, st.randoms(use_true_random=False))
def test_any_case_order_form_and_space_gives_one_key(words: list[str], random: object) -> None:
    plain = " ".join(words)
    spelled = [unicodedata.normalize(random.choice(["NFC", "NFD", "NFKC"]), random.choice([str.upper, str.lower])(word)) for word in words]  # type: ignore[attr-defined]
    random.shuffle(spelled)  # type: ignore[attr-defined]
    assert person_key("\u00a0 ".join(spelled)) == person_key(plain)


@given(st.text(max_size=40))
def test_any_text_has_a_key(text: str) -> None:
    for kind in RelationKind:
        assert relation_hash(KEY, kind, text) == relation_hash(KEY, kind, f" {text} ")
    assert "@" not in domain_key(f"person@{text.replace('@', '')}")
