"""Messages in the language of a reader: words are translated, values of the API are not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.texts.catalogues import WORD, translations
from shared.texts.languages import ENGLISH, LANGUAGES, negotiate
from shared.texts.translation import translate

ONE_OF = "This has to be one of: {expected}."
WITH_A_STATE = "The application is {state}."


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != ENGLISH])
def test_only_words_are_translated(language: str) -> None:
    word = translations(language, WORD)["draft"]
    assert word != "draft"
    assert word in translate(WITH_A_STATE, {"state": "draft"}, language)
    one_of = translate(ONE_OF, {"expected": ["draft", "submitted"]}, language)
    assert one_of.endswith("draft, submitted.")
    assert one_of != translate(ONE_OF, {"expected": ["draft", "submitted"]}, ENGLISH)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("el-CY", "el"),
        ("PL", "pl"),
        ("fr, de;q=0.9", "en"),
        ("fr, hr;q=0.5, da;q=0.7", "da"),
        ("nl;q=0.8, el;q=0.8", "nl"),
        ("nl;q=0, *;q=0.5", "en"),
        ("nl;q=2, hr;q=nan, el;q=1e0, pl;level=1", "en"),
        ("\0, ;;;,=,q=1, -nl", "en"),
        ("fr," * 1_000 + "nl", "en"),
    ],
)
def test_language_follows_the_weights_of_accept_language(header: str, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize(
    ("message", "facts", "english", "danish"),
    [
        ("The voucher has {left} left to claim.", {"left": Money(123_450, "DKK")}, "1234.50 DKK", "1.234,50\xa0kr."),
        (
            "The call opens on {opens_at}.",
            {"opens_at": datetime(2026, 1, 14, 14, 30, tzinfo=UTC), "zone": "Europe/Copenhagen"},
            "14 January 2026 at 15:30 CET",
            "14. januar 2026 15:30 CET",
        ),
        ("The body may have at most {limit_bytes} bytes.", {"limit_bytes": 2_097_152}, "2097152", "2.097.152"),
    ],
    ids=["money", "instant", "number"],
)
def test_value_has_the_form_of_the_language(message: str, facts: dict[str, Any], english: str, danish: str) -> None:
    assert english in translate(message, facts, ENGLISH) == Refused("code", message, **facts).detail
    assert danish in translate(message, facts, "da")


def test_message_without_a_translation_is_english() -> None:
    assert translate("No catalogue has {count}.", {"count": 1_000}, "el") == "No catalogue has 1000."


@pytest.mark.parametrize(
    ("until", "english", "polish"),
    [
        (datetime(2026, 10, 2, 22, tzinfo=UTC), "02 October 2026 at 23:59 CEST", "2 października 2026 23:59 CEST"),
        (datetime(2026, 10, 2, 15, tzinfo=UTC), "02 October 2026 at 17:00 CEST", "2 października 2026 17:00 CEST"),
    ],
)
def test_end_is_shown_as_the_last_minute_to_act_in(until: datetime, english: str, polish: str) -> None:
    """A voucher valid through 2 October: '3 October at 00:00' reads as a day more."""
    facts = {"until": until, "zone": "Europe/Warsaw"}
    assert english in translate("Claims were taken until {until}.", facts, "en")
    assert polish in translate("Claims were taken until {until}.", facts, "pl")
