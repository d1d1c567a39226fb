"""Spellings of one person, firm, number or domain. Source: cases of the rules, "Keys that differ by spelling"."""

import tomllib
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.classifications.identity_keys import domain_key, firm_key, person_key, relation_hash, spelled_hashes
from shared.kernel.ids import keyed_hash
from shared.kernel.vocabulary import RelationKind

KEY = b"a key of the tests"
SAME = [
    ("tax-number", "EL123456783", "123456783", "GR 123 456 783", "EL-123456783", "el123456783"),
    ("tax-number", "676-000-00-00", "6760000000", "PL6760000000"),
    ("tax-number", "BE 0400.000.097", "0400000097", "400.000.097"),
    ("employer", "BE 0400.000.097", "be0400000097"),
    ("tax-number", "13585628", "CVR-nr. 13585628", "cvr13585628", "DK 13 58 56 28", "SE-nr. 13585628"),
    ("tax-number", "6760000000", "NIP: 676-000-00-00", "PL NIP 676 000 00 00", "NIP6760000000", "VAT PL6760000000"),
    ("tax-number", "123456783", "ΑΦΜ 123456783", "Α.Φ.Μ.: 123456783", "ΕΛ123456783", "VAT No. EL 123 456 783", "１２３４５６７８３"),
    ("tax-number", "12345678903", "OIB: 12345678903", "HR OIB 12345678903", "PDV ID broj HR12345678903"),
    ("tax-number", "0400.000.097", "BTW BE 0400.000.097", "BTW-nr. 400.000.097", "TVA BE 0400 000 097", "KBO 0400.000.097"),
    ("tax-number", "0400.000.097", "Ondernemingsnummer 0400.000.097", "Ondernemingsnr. BE 0400.000.097", "N° TVA BE 0400.000.097"),
    ("tax-number", "CHE-123.456.788 MWST", "CHE-123.456.788", "CHE123456788 TVA"),
    ("tax-number", "NO 123 456 785 MVA", "123456785"),
    ("owner", "Χρήστος Παπαδόπουλος", "Christos Papadopoulos", "ΠΑΠΑΔΟΠΟΥΛΟΣ ΧΡΗΣΤΟΣ"),
    ("owner", "Ευάγγελος Αυγερινός", "Evangelos Avgerinos", "ΕΥΑΓΓΕΛΟΣ ΑΥΓΕΡΙΝΟΣ"),
    ("owner", "Ευτυχία Μπάκα", "Eftychia Baka"),
    ("owner", "Jan d’Hondt", "D'HONDT Jan", "Jan D‘Hondt", "Jan d´Hondt"),
    ("owner", "Δείγμα ΑΕ Ένα", "Ένα Δείγμα ΑΕ", "ΑΕ Ένα Δείγμα"),
    ("employer", "Δείγμα Ι.Κ.Ε.", "Δείγμα Μονοπρόσωπη Ι.Κ.Ε.", "ΔΕΙΓΜΑ Ιδιωτική Κεφαλαιουχική Εταιρεία", "Δείγμα Μ.ΙΚΕ"),
    ("employer", "Δείγμα Ο.Ε.", "Δείγμα Ομόρρυθμη Εταιρεία", "Δείγμα ΟΜΟΡΡΥΘΜΗ ΕΤΑΙΡΙΑ"),
    ("employer", "Przykład spółka z o.o.", "PRZYKŁAD Sp. z o. o.", "„Przykład” sp.z.o.o."),
    ("employer", "Primjer j.d.o.o.", "Primjer jednostavno društvo s ograničenom odgovornošću", "Primjer d. o. o.", "obrt Primjer"),
    ("employer", "Eksempel ApS", "Eksempel Anpartsselskab", "EKSEMPEL I/S", "Eksempel A / S"),
    ("employer", "Voorbeeld NV", "Voorbeeld naamloze vennootschap", "VZW Voorbeeld", "Voorbeeld SRL"),
    ("owner", "Γιώργος Δείγμας", "ΓΙΩΡΓΟΣ ΔΕΙΓΜΑΣ", "Δείγμας Γιώργος", "Giorgos Deigmas"),
    ("owner", "José Primjer", unicodedata.normalize("NFD", "José Primjer"), "jose\u200b primjer", "ＪＯＳＥ primjer"),
    ("owner", "HR 12345678903", "12345678903", "OIB 123-456-789-03"),  # "names or numbers of the owners"
    ("owner", "Hans Eksempel", "cand.mag. Hans Eksempel", "Eksempel Hans, ph.d.", "dr.Hans Eksempel", "cand. scient. Hans Eksempel"),
    ("tax-number", "0400.000.097", "N° d'entreprise 0400.000.097"),
    ("tax-number", "6760000000", "NIP-UE PL6760000000", "NIP UE: PL 676 000 00 00"),
    ("tax-number", "12345678903", "Porezni broj: 12345678903", "Tax ID: HR12345678903", "TIN 12345678903"),
    ("tax-number", "13585628", "SE-nummer 13585628"),
    ("employer", "Δείγμα Α.Ε.Β.Ε.", "Δείγμα ΑΕ", "Deigma Single Member P.C."),
    ("address", "Przykładowa 5/7 31-147 Kraków PL", "ul. Przykładowa 5 m. 7, 31-147 Kraków, PL"),
    ("address", "Voorbeeldlaan 5/2 8500 Kortrijk BE", "Voorbeeldlaan 5 bus 2, 8500 Kortrijk, BE"),
    ("owner", "An Voorbeeld", "Mevr. ir. An Voorbeeld", "prof.dr. An Voorbeeld"),
    ("owner", "Møller og Søn ApS", "Søn & Møller", "MØLLER OG SØN"),
    ("owner", "Ana Primjer", "dr. sc. Ana Primjer", "Primjer Ana, dipl. ing.", "mr.sc. Ana Primjer, univ. spec. oec."),
    ("owner", "Jan Przykład", "mgr inż. Jan Przykład", "prof. dr hab. Jan Przykład"),
    ("owner", "Ελένη Δείγμα", "Δρ. Ελένη Δείγμα"),
    ("owner", "Łukasz Przykład-Wzór", "Lukasz Przyklad Wzor"),
    ("employer", "Przykład Sp. z o.o.", "PRZYKŁAD sp z o.o", "Przyklad sp. zoo", "Przykład Spółka z ograniczoną odpowiedzialnością"),
    ("employer", "Δείγμα Α.Ε.", "ΔΕΙΓΜΑ ΑΕ", "Δείγμα ΑΝΩΝΥΜΗ ΕΤΑΙΡΙΑ"),
    ("employer", "Primjer d.o.o.", "PRIMJER J.D.O.O.", "primjer"),
    ("employer", "Eksempel A/S", "Eksempel AS", "Eksempel ApS"),
    ("employer", "Voorbeeld BV", "Voorbeeld b.v.", "BV Voorbeeld"),
    ("employer", "Eksempel & Søn ApS", "Eksempel og Søn", "EKSEMPEL OG SØN A/S", "Eksempel + Søn"),
    ("employer", "Primjer i sin d.o.o.", "Primjer & sin", "PRIMJER&SIN D.O.O."),
    ("employer", "Δείγμα και Υιοί Α.Ε.", "Δείγμα & Υιοί", "Deigma kai Yioi AE"),
    ("employer", "Muster GmbH & Co. KG", "Muster GmbH und Co. KG"),
    ("employer", "Voorbeeld en Zoon", "Voorbeeld & Zoon BV"),
    ("e-mail-domain", "mail.studio.example", "studio.example", "a.person@Mail.Studio.Example"),
    ("address", "Sample Street 1 48000 Koprivnica HR", "SAMPLE STREET 1, 48000 Koprivnica, HR", "Sample Street 1, HR-48000 Koprivnica, HR"),
    ("address", "Przykładowa 5 31-147 Kraków PL", "Przykladowa 5, PL-31-147 Kraków, PL", "Przykładowa 5 31147 Kraków PL"),
    ("address", "Δείγματος 5 546 24 Θεσσαλονίκη GR", "Deigmatos 5, GR-54624 Thessaloniki, GR", "Οδός Δείγματος 5, 54624 Θεσσαλονίκη, GR"),
    ("address", "Δείγματος 5 54624 Θεσσαλονίκη GR", "odos Deigmatos 5 54624 Thessaloniki GR", "Deigmatos Str. 5 54624 Thessaloniki GR"),
    ("address", "Przykładowa 5 31-147 Kraków PL", "ul. Przykładowa 5 31-147 Kraków PL", "Ulica Przykładowa 5, 31-147 Kraków, PL"),
    ("address", "os. Wzorowe 5 31-147 Kraków PL", "Osiedle Wzorowe 5, PL-31-147 Kraków, PL"),
    ("address", "pl. Wzorowy 5 31-147 Kraków PL", "Plac Wzorowy 5 31-147 Kraków PL"),
    ("address", "Primjerska ulica 5 48000 Koprivnica HR", "Primjerska ul. 5, 48000 Koprivnica, HR", "Primjerska 5 48000 Koprivnica HR"),
    ("address", "Voorbeeldstraat 5 8500 Kortrijk BE", "Voorbeeldstr. 5, B-8500 Kortrijk, BE"),
]


@pytest.mark.parametrize(("kind", "first", "others"), [(kind, first, others) for kind, first, *others in SAME])
def test_spellings_have_one_key(kind: str, first: str, others: list[str]) -> None:
    assert {relation_hash(KEY, kind, other) for other in others} == {relation_hash(KEY, kind, first)} != {None}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("tax-number", "EL123456783", "EL123456784"),
        ("owner", "Γιώργος Δείγμας", "Γιώργος Δειγματίδης"),
        ("owner", "Μάιος Δείγμα", "Μάος Δείγμα"),
        ("owner", "Ταΰγετος Δείγμα", "Ταύγετος Δείγμα"),  # two vowels that are read apart are no pair
        ("tax-number", "NIP 6760000000", "NIP 6760000001"),
        ("owner", "Mag Ing", "Mag Arch"),  # nothing but titles: it is a name
        ("address", "Sample Street B-12 6000 Kolding DK", "Sample Street 12 6000 Kolding DK"),
        ("employer", "En Studio", "Studio"),  # a name begins with it
        ("address", "pl. Wzorowy 5 31-147 Kraków PL", "ul. Wzorowy 5 31-147 Kraków PL"),
        ("address", "Primjerska 5 48000 Koprivnica HR", "Primjerska 5 48000 Koprivnica PL"),
        ("employer", "Studio A", "Studio S"),  # forms of one letter in other countries
        ("employer", "Eksempel & Søn", "Eksempel"),
        ("employer", "Eksempel og Søn ApS", "Eksempel ApS"),
        ("owner", "Eksempel & Sønner", "Eksempel & Søn"),
        ("employer", "Sample & Son Ltd", "Sample Ltd"),
        ("employer", "Casa", "Ca"),  # ends as a legal form does, and is none
        ("employer", "Studio Fond", "Studio"),
        ("employer", "Sample d.o.o.", "Sample Two d.o.o."),
        ("e-mail-domain", "one.com.gr", "other.com.gr"),
        ("e-mail-domain", "yahoo-studio.hr", "hotmail-studio.hr"),
    ],
)
def test_others_have_another_key(kind: str, one: str, other: str) -> None:
    assert relation_hash(KEY, kind, one) != relation_hash(KEY, kind, other)


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "wp.pl",
        "otenet.gr",
        "somebody@telenet.be",
        "net.hr",
        "GMX.de",
        "hotmail.gr",
        "a@zg.t-com.hr",
        "neostrada.pl",
        "jubii.dk",
        "hotmail.dk",
        "a@yahoo.com.hr",
        "youmail.dk",
        "hansen.dk",
        "gmx.pl",
    ],
)
def test_public_mail_provider_is_no_tie(domain: str) -> None:
    assert relation_hash(KEY, RelationKind.E_MAIL_DOMAIN, domain) is None


@pytest.mark.parametrize("kind", ["owner", "employer", "address"])
def test_greek_name_is_found_by_its_key_from_before_too(kind: str) -> None:
    """Until December 2026 Greek was spelled letter by letter; what was kept then is compared with what is kept now."""
    name = "Παπαδοπούλου Ευαγγελία"
    now = spelled_hashes(KEY, kind, name)
    assert now[0] == relation_hash(KEY, kind, name)
    assert keyed_hash(KEY, kind, "eyaggeliapapadopoyloy" if kind == "owner" else "papadopoyloyeyaggelia") in now
    assert keyed_hash(KEY, "owner", "anadrprimjer") in spelled_hashes(KEY, "owner", "dr. Ana Primjer")
    assert keyed_hash(KEY, "employer", "sampleandsister") in spelled_hashes(KEY, "employer", "Sample and Sister Ltd")
    assert keyed_hash(KEY, "address", "ula148000bhr") in spelled_hashes(KEY, "address", "ul. A 1, 48000 B, HR")
    assert keyed_hash(KEY, "address", "a1hr48000bhr") in spelled_hashes(KEY, "address", "A 1, HR-48000 B, HR")
    assert spelled_hashes(KEY, kind, "Primjer Ana") == [relation_hash(KEY, kind, "Primjer Ana")]
    assert spelled_hashes(KEY, "e-mail-domain", "gmail.com") == []


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("owner", "Søren Ågård", "AAGAARD SOEREN"),
        ("owner", "Søren Aagaard", "Soeren Ågård"),
        ("owner", "Jürgen Müller", "Juergen Mueller"),
        ("owner", "Đuro Primjer", "DJURO PRIMJER"),
        ("owner", "Jürgen Müller", "Jurgen Muller"),
        ("employer", "Møller & Søn ApS", "Moeller & Soen A/S"),
        ("address", "Ågade 1 6000 Kolding DK", "Aagade 1, 6000 Kolding, DK"),
    ],
)
def test_letters_that_passports_write_as_two_are_found(kind: str, one: str, other: str) -> None:
    """Source: ICAO Doc 9303, part 3, section 6.A; "owner": an owner was assigned to his own file."""
    assert set(spelled_hashes(KEY, kind, one)) & set(spelled_hashes(KEY, kind, other))
    assert not set(spelled_hashes(KEY, kind, one)) & set(spelled_hashes(KEY, kind, f"Another {other}"))


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


FORMS = ["", "d.o.o.", "Sp. z o.o.", "ApS", "A/S", "B.V.", "Α.Ε.", "spółka z ograniczoną odpowiedzialnością"]
ANDS = ["&", " & ", " and ", " og ", " i ", " en ", " und ", " και ", " I ", " OG "]


@given(NAMES, st.sampled_from(FORMS), st.sampled_from(FORMS), st.sampled_from(ANDS), st.sampled_from(ANDS), st.booleans())
def test_any_form_and_any_word_for_and_give_one_key(words: list[str], form: str, other: str, one: str, another: str, first: bool) -> None:
    *before, last = words
    plain, spelled = (f"{' '.join(before)}{word}{last}" for word in (one, another))
    spelled = f"{other} {spelled}" if first else f"{spelled} {other}"
    assert relation_hash(KEY, "employer", f"{plain} {form}") == relation_hash(KEY, "employer", spelled.upper())


STREETS = {"PL": ["", "ul. ", "ulica ", "Ul ", "UL. "], "HR": ["", "Ulica ", "ul. "], "GR": ["", "Οδός ", "οδ. ", "odos ", "ΟΔΟΣ "]}


@given(st.sampled_from(sorted(STREETS)), st.data(), WORDS.filter(lambda word: word.isalpha()), st.integers(1, 99))
def test_any_word_for_a_street_gives_one_key(country: str, data: st.DataObject, street: str, number: int) -> None:
    one, other = (data.draw(st.sampled_from(STREETS[country])) for _ in range(2))
    postcode = data.draw(st.sampled_from(["31-147", "31147", f"{country}-31147", f"{country}-31-147"]))
    typed = f"{other}{street.upper()} {number}, {postcode} Sample, {country}"
    assert relation_hash(KEY, "address", f"{one}{street} {number} 31147 Sample {country}") == relation_hash(KEY, "address", typed)


def test_lists_of_words_name_their_sources() -> None:
    known = tomllib.loads(files("shared.classifications").joinpath("identity.toml").read_text(encoding="utf-8"))
    for table in known.values():
        for one in [table] if "names" in table else table.values():
            assert one.keys() == {"title", "legal", "read_on", "names"}
            assert len(set(one["names"])) == len(one["names"])
            assert not one["legal"].endswith("none")


@given(st.text(max_size=40))
def test_any_text_has_a_key(text: str) -> None:
    for kind in RelationKind:
        assert relation_hash(KEY, kind, text) == relation_hash(KEY, kind, f" {text} ")
    assert "@" not in domain_key(f"person@{text.replace('@', '')}")
