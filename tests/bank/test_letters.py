"""Letters and signs against the EPC's own conversion table, letter by letter.

Source: EPC217-08, SEPA Requirements for an Extended Character Set, conversion table (spreadsheet), as kept in the public repository
bjansen/sepa-conversion-tool. It maps 1,089 code points; each that it has a spelling for is here, small letters standing for capitals too.
"""

import pytest

from services.payments.iso20022.transliterate import PERMITTED, transliterate

EPC = {
    "a": "àáâãäåæāăąάαаъ", "b": "б", "c": "çćĉċč", "ch": "χч", "d": "ďđδд", "e": "èéêëēĕėęěέεе", "f": "φф", "g": "ĝğġģγг", "h": "ĥħх",
    "i": "ìíîïĩīĭįıĳΐήίηιϊи", "j": "ĵ", "k": "ķκк", "l": "ĺļľŀłλл", "m": "μм", "n": "ñńņňνн", "o": "òóôõöøőœοωόώо", "p": "πп", "ps": "ψ",
    "r": "ŕŗřρр", "s": "ßśŝşšșςσс", "sh": "ш", "sht": "щ", "t": "ţťŧțτт", "th": "θ", "ts": "ц", "u": "ùúûüũūŭůűųу", "v": "βв", "w": "ŵ",
    "x": "ξ", "y": "ýÿŷΰυϋύйь", "ya": "я", "yu": "ю", "z": "źżžζз", "zh": "ж",
    "'": "`", "(": "[{", ")": "]}", ",": ";", "-": "_~", "/": "\\|", "?": "¿", ".": "!#$%*<=>@^¡¢£¤¥¦§¨©¬®¯°±¶·¸×÷ˆ˘˛͵΄΅",
}  # fmt: skip
FULLER = {"å": "aa", "æ": "ae", "ø": "oe", "ß": "ss", "œ": "oe", "ĳ": "ij"}
"""The EPC has the first letter alone. In Danish, German, French and Dutch they are written with two where there is no such letter, and
banks of these countries take both spellings."""


@pytest.mark.parametrize("spelled", EPC)
def test_letters_and_signs_are_those_of_the_epc(spelled: str) -> None:
    wrong = {letter: found for letter in EPC[spelled] if (found := transliterate(letter)) != FULLER.get(letter, spelled)}
    assert wrong == {}
    capitals = [letter for letter in EPC[spelled] if len(letter.upper()) == 1]
    assert [one for one in capitals if transliterate(one.upper()).lower() != FULLER.get(one, spelled)] == []


KEPT = [
    ("ð", "d"),
    ("þ", "th"),
    ("ŋ", "n"),
    ("ō", "o"),
    ("½", "1/2"),
    ("²", "2"),
    ("ª", "a"),
    ("«a»", "'a'"),
    ("€", "EUR"),
    ("ǿ", "oe"),
    ("ƒ", "f"),
]


@pytest.mark.parametrize(("text", "spelled"), KEPT)
def test_what_the_epc_leaves_out_is_still_spelled(text: str, spelled: str) -> None:
    """It has '.' for these, 'p' and 'b' for the thorn, and 'E' for the euro."""
    assert transliterate(text) == spelled


@pytest.mark.parametrize(
    ("text", "spelled"),
    [("★ a → b", ". a . b"), ("₤", "."), ("ђ", "ђ"), ("Ѐ", "E"), ("漢", "漢"), ("Ɔ", "Ɔ"), ("Плевен ЩЪРК", "Pleven SHTARK")],
)
def test_other_signs_are_a_point_and_other_letters_stay(text: str, spelled: str) -> None:
    assert transliterate(text) == spelled
    assert PERMITTED.issuperset(spelled) is spelled.isascii()
