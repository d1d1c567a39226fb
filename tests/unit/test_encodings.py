"""Lists of European spreadsheets: the encoding is found from the content, or named; no list is read as something else. Source: the last row
of "Claims" of the cases that people of the field have met."""

import random
from collections import Counter
from functools import cache

import pytest

from shared.classifications import Scheme
from shared.classifications.lists import entries
from shared.kernel.encodings import CODE_PAGES, ENCODINGS, text_of
from shared.kernel.errors import Refused


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Łódź, Małopolska, śląskie", "windows-1250"), ("Kućište, Čakovec, Đurđa, žičara, šljunčić, međužupanijski", "windows-1250"),
        ("Læsø, Århus, Ærø", "windows-1252"), ("Θεσσαλονίκη, Δείγμα", "windows-1253"), ("Łódź, Θεσσαλονίκη, Århus", "utf-8"),
        ("Łódź, Θεσσαλονίκη", "utf-8-sig"), ("Łódź, Θεσσαλονίκη", "utf-16"), ("organisation Łódź", "utf-16-le"), ("plain words", "ascii"),
        ("café, coöperatie", "windows-1252"), ("Wąż, Łódź, Świętokrzyskie", "iso-8859-2"), ("Košice, Čakovec, županija", "iso-8859-2"),
        ("Dąbrowa", "iso-8859-2"), ("Θεσσαλονίκη, Δείγμα", "iso-8859-7"),
        ("Gdańsk, Łódź, Częstochowa", "cp852"), ("Gdańsk, Łódź, Częstochowa", "mac-latin2"), ("Żółw, Łódź, dążę", "windows-1257"),
        ("Požega, Čakovec, Đurđevac", "cp852"), ("Læsø, Århus, på", "cp850"), ("Læsø, Århus, Ærø", "mac-roman"),
        ("Θεσσαλονίκη, Δείγμα", "cp737"), ("Άργος και Δείγμα", "windows-1253"), ("κατ’ οίκον, Άργος", "iso-8859-7"),
        ("Œuvre, cœur, façade, forêt", "iso-8859-15"),
    ],
)  # fmt: skip
def test_encoding_is_found_from_the_letters(words: str, encoding: str) -> None:
    assert text_of(words.encode(encoding)) == words


@pytest.mark.parametrize(
    ("words", "encoding", "may_be"),
    [
        ("Kærgaard", "windows-1252", "windows-1250, windows-1252"), ("Gdańsk", "cp852", "windows-1250, .*cp852"),
        ("Kraków", "mac-latin2", "mac-roman"), ("Dąbrowa, Łódka", "windows-1250", "windows-1250, iso-8859-2"),
        ("Žigić", "windows-1257", "windows-1257"), ("Řehoř", "windows-1250", "windows-1250"),
    ],
)  # fmt: skip
def test_what_fits_several_encodings_is_refused_with_them(words: str, encoding: str, may_be: str) -> None:
    content = words.encode(encoding)
    with pytest.raises(Refused, match=f"it may be .*{may_be}.*Name it, or save the file as UTF-8"):
        text_of(content)
    assert text_of(content, encoding) == words


OTHERS = [
    "Müller", "Jürgen Groß", "Jørgensen", "Ågård", "Łukasz", "Šimić", "Đurđica", "Dvořák", "François", "José Muñoz", "Göran", "Novák",
    "Szűcs", "Østergaard", "Żak", "Čović", "Hélène", "Zoë", "Wójcik", "Kovačević", "Ærø", "Γιώργος", "Żółć", "Ťažký",
]  # fmt: skip
"""Names that may stand in a list of any country."""
PAGES = {
    "pl": "windows-1250 iso-8859-2 cp852 mac-latin2 windows-1257 cp775", "hr": "windows-1250 iso-8859-2 cp852 mac-latin2 mac-croatian",
    "da": "windows-1252 cp850 cp865 mac-roman iso-8859-15 windows-1257", "nl": "windows-1252 cp850 cp437 mac-roman",
    "fr": "windows-1252 cp850 mac-roman iso-8859-15", "el": "windows-1253 iso-8859-7 cp737 cp869 mac-greek",
}  # fmt: skip
"""Language → code pages that have its letters."""
FRENCH = [
    "Liège", "Société", "Hôtel", "Façade", "Élève", "Noël", "Château", "Évêque", "Français", "Où", "Maître", "Mûre", "Aiguë", "Île",
    "forêt", "Orléans", "Wallonië",
]  # fmt: skip


@cache
def words_in(language: str) -> list[str]:
    """Words of a language with a letter outside ASCII: of the names of activities."""
    if language == "fr":
        return FRENCH
    return sorted({word for one in entries(Scheme.NACE).values() for word in one.name(language).split() if not word.isascii()})


def lists_in(language: str, encoding: str) -> list[tuple[str, bytes]]:
    """Lists of 1 to 40 words, some with names from elsewhere, some in capitals: each as text and as bytes."""
    chance, made = random.Random(f"{language} {encoding}"), []
    for count in (1, 3, 10, 40) * 8:
        words = [chance.choice(words_in(language)) for _ in range(count)] + chance.sample(OTHERS, chance.choice([0, 0, 1, 3]))
        text = ";".join(words).upper() if chance.random() < 0.15 else ";".join(words)
        content = text.encode(encoding, "ignore")
        made.append((content.decode(encoding), content))
    return made


@pytest.mark.parametrize(("language", "encoding"), [(language, page) for language, pages in PAGES.items() for page in pages.split()])
def test_no_list_is_read_as_something_else(language: str, encoding: str) -> None:
    """Read rightly, or refused."""
    outcomes = Counter(_outcome(text, content) for text, content in lists_in(language, encoding))
    assert set(outcomes) <= {"right", "encoding-unclear"}
    assert outcomes["right"] >= 8


def _outcome(text: str, content: bytes) -> str:
    try:
        return "right" if text_of(content) == text else "wrong"
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize(
    ("content", "encoding", "code"),
    [
        (b"PK\x03\x04...", None, "not-a-list"), (b"\x81A\x8dB\x90\xb0\xb1", None, "encoding-not-found"),
        ("Łódź".encode("windows-1250"), "utf-8", "encoding-wrong"), (b"a", "no-such", "encoding-unknown"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_says_why(content: bytes, encoding: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        text_of(content, encoding)
    assert refused.value.code == code


def test_every_encoding_that_fits_can_be_named() -> None:
    assert set(CODE_PAGES) < set(ENCODINGS)
    assert [text_of("plain".encode(one), one) for one in ENCODINGS] == ["plain"] * len(ENCODINGS)
