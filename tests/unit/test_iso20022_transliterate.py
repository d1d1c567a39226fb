import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.iso20022.transliterate import PERMITTED, transliterate, unsupported


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Δημιουργική Θεσσαλονίκη", "Dimiourgiki Thessaloniki"),
        ("ΘΕΣΣΑΛΟΝΙΚΗ Α.Ε.", "THESSALONIKI A.E."),
        ("Ευάγγελος Αυτός Ηυξημένος", "Evangelos Aftos Ifximenos"),
        ("άυλος πραΰνω αϋπνία", "aylos prayno aypnia"),
        ("Μπάμπης Λάμπρος", "Bampis Lampros"),
        ("ΕΥΡΩΠΗ ΟΥΡΑΝΟΣ Όυτος", "EVROPI OURANOS Oytos"),
        ("Σφίγξ Συγχώνευση Άγχος", "Sfinx Synchonefsi Anchos"),
        ("Ψυχή Χίος Ξάνθη", "Psychi Chios Xanthi"),
        ("Čakovec Đurđevac Žitnjak Šišan Ćuk", "Cakovec Durdevac Zitnjak Sisan Cuk"),
        ("ŁÓDŹ Zażółć gęślą jaźń", "LODZ Zazolc gesla jazn"),
        ("Ærø Ølgod ÅRHUS Ødis", "Aeroe Oelgod AARHUS Oedis"),
        ("Coöperatie Eénhoorn ĳs", "Cooperatie Eenhoorn ijs"),
        ("Müller & Søn – „Studio“ [A]_1 {x}", "Muller + Soen - 'Studio' (A)-1 (x)"),
        ("  two\n\tlines\u00a0here ", "two lines here"),
    ],
)
def test_letters_of_the_five_regions_are_spelled(text: str, spelled: str) -> None:
    assert transliterate(text) == spelled
    assert transliterate(unicodedata.normalize("NFD", text)) == spelled


@given(st.text(alphabet="αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΑΒΥΜΠΘΧΨčćđšžąęłńóśźżæøåéëïĳÆØÅŁĐ _&«»\"'/-", max_size=60))
def test_every_letter_of_the_regions_becomes_permitted(text: str) -> None:
    assert set(transliterate(text)) <= PERMITTED


@given(st.text(alphabet=sorted(PERMITTED), max_size=60))
def test_permitted_text_stays_as_it_is(text: str) -> None:
    assert transliterate(text) == " ".join(text.split())


@given(st.text(max_size=40))
def test_transliteration_takes_any_text_and_is_idempotent(text: str) -> None:
    once = transliterate(text)
    assert transliterate(once) == once


def test_letter_without_a_rule_stays_and_is_reported() -> None:
    assert unsupported(transliterate("Плођдив 漢漢 ok\x00")) == "ђ漢\x00"
